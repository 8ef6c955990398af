#!/usr/bin/env python3
"""embed_assets.py DIST SYMBOL OUT: writes OUT.bin (every file of DIST, gzipped, one after another), OUT.S (which
takes it in) and OUT.cpp (the table of paths). The same files give the same bytes."""
import gzip
import os
import sys


def main() -> None:
    dist, symbol, out = sys.argv[1], sys.argv[2], sys.argv[3]
    blob, rows = b"", []
    for folder, folders, names in os.walk(dist):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                packed = gzip.compress(f.read(), 9, mtime=0)
            web = "/" + os.path.relpath(path, dist).replace(os.sep, "/")
            rows.append(f'        {{"{web}", {{blob + {len(blob)}, {len(packed)}}}}},')
            blob += packed
    if not rows:
        sys.exit(f"embed_assets: {dist} holds no files; build the page first")
    label = f"souffleur_assets_{symbol}"
    os.makedirs(os.path.dirname(out), exist_ok=True)
    with open(out + ".bin", "wb") as f:
        f.write(blob)
    with open(out + ".S", "w", encoding="utf-8") as f:
        f.write(f'    .section .rodata\n    .balign 16\n    .global {label}\n    .hidden {label}\n'
                f'{label}:\n    .incbin "{os.path.abspath(out)}.bin"\n'
                '    .section .note.GNU-stack,"",%progbits\n')
    with open(out + ".cpp", "w", encoding="utf-8") as f:
        f.write('#include <span>\n#include "plugin/http/Assets.h"\n\n'
                f'extern "C" const char {label}[];\n\nnamespace souffleur::assets {{\n'
                f'std::span<const http::Asset> {symbol}();\n'
                f'std::span<const http::Asset> {symbol}() {{\n'
                f'    static const char* const blob = {label};\n'
                '    static const http::Asset table[] = {\n' + "\n".join(rows) + "\n    };\n"
                "    return table;\n}\n} // namespace souffleur::assets\n")


main()
