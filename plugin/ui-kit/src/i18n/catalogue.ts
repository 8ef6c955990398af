/**
 * A typed message catalogue. English gives the keys and their places (`{name}`); every other language must have exactly
 * the same keys, and a call must fill exactly the places, or the type check fails. Plurals follow `Intl.PluralRules` with `{count}`.
 */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };
export type Entry = string | Plural;
export type Catalogue = Readonly<Record<string, Entry>>;

type Places<S extends string> = S extends `${string}{${infer P}}${infer R}` ? P | Places<R> : never;
type PlacesOf<E extends Entry> = E extends string
    ? Places<E>
    : E extends { readonly other: infer O extends string }
      ? Places<O> | 'count'
      : never;
type Fill<E extends Entry> = [PlacesOf<E>] extends [never]
    ? []
    : [
          places:
              | Record<PlacesOf<E>, string>
              | (Record<Exclude<PlacesOf<E>, 'count'>, string> & { count: number }),
      ];

/** What a translation of `C` must look like. */
export type Translation<C extends Catalogue> = {
    readonly [K in keyof C]: C[K] extends string ? string : Plural;
};
export type Translate<C extends Catalogue> = <K extends keyof C & string>(
    key: K,
    ...fill: Fill<C[K]>
) => string;

/** Makes the function that speaks `language` from `words`. Numbers are written in the language's own form. */
export function translator<C extends Catalogue>(words: Translation<C>, language: string): Translate<C> {
    const rules = new Intl.PluralRules(language);
    const numbers = new Intl.NumberFormat(language);
    return (key, ...fill) => {
        const places: Record<string, string | number> = fill[0] ?? {};
        // A code from outside may have no word; the caller then says it in its own way.
        const entry: Entry = words[key] ?? '';
        const text =
            typeof entry === 'string' ? entry : (entry[rules.select(Number(places.count))] ?? entry.other);
        return text.replace(/\{(\w+)\}/g, (_, place: string) => {
            const value = places[place];
            return typeof value === 'number' ? numbers.format(value) : (value ?? '');
        });
    };
}
