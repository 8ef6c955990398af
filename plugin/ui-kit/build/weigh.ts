/** What a page weighs on its way to the reader: gzip, as it is served. Fonts and pictures do not count. */
import { gzipSync } from 'node:zlib';
import { build, type InlineConfig, type Rolldown } from 'vite';

export type Weights = { what: string; bytes: number }[];
type Chunk = Rolldown.OutputChunk & { viteMetadata?: { importedCss: Set<string> } };

const weigh = (content: string | Uint8Array): number => gzipSync(content, { level: 9 }).length;

export class Load {
    readonly #files: readonly (Chunk | Rolldown.OutputAsset)[];

    private constructor(files: readonly (Chunk | Rolldown.OutputAsset)[]) {
        this.#files = files;
    }

    /** Builds the page in `root` as it ships, writing nothing. */
    static async of(root: string, config: InlineConfig): Promise<Load> {
        const quiet = { ...config, root, configFile: false as const, logLevel: 'error' as const };
        // A runner of tests says NODE_ENV=test, and Svelte would come with its help for developers.
        const before = process.env.NODE_ENV;
        process.env.NODE_ENV = 'production';
        const built = await build({ ...quiet, build: { ...config.build, write: false } }).finally(() => {
            process.env.NODE_ENV = before;
        });
        return new Load((built as Rolldown.RolldownOutput).output);
    }

    /** Every file that is fetched for the page and for `modules` (how their paths end), with its weight, heaviest first. */
    files(modules: readonly string[]): Weights {
        const wanted = new Set<string>();
        const take = (chunk: Chunk | undefined) => {
            if (!chunk || wanted.has(chunk.fileName)) return;
            wanted.add(chunk.fileName);
            for (const css of chunk.viteMetadata?.importedCss ?? []) wanted.add(css);
            for (const other of chunk.imports) take(this.#chunks.find((c) => c.fileName === other));
        };
        take(this.#chunks.find((c) => c.isEntry));
        for (const end of modules) {
            const chunk = this.#chunks.find((c) => c.facadeModuleId?.endsWith(end));
            if (!chunk) throw new Error(`no chunk of its own for ${end}`);
            take(chunk);
        }
        return this.#files
            .filter((file) => wanted.has(file.fileName) || file.fileName.endsWith('.html'))
            .map((file) => ({
                what: file.fileName,
                bytes: weigh(file.type === 'chunk' ? file.code : file.source),
            }))
            .sort((a, b) => b.bytes - a.bytes);
    }

    /** The weight of all these files together. */
    bytes(modules: readonly string[]): number {
        return this.files(modules).reduce((sum, { bytes }) => sum + bytes, 0);
    }

    get #chunks(): Chunk[] {
        return this.#files.filter((file): file is Chunk => file.type === 'chunk');
    }
}
