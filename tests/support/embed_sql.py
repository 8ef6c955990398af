#!/usr/bin/env python3
"""embed_sql.py OUT NAMESPACE FILE...: writes a C++ file whose `NAMESPACE::file(name)` gives the text of
each FILE by its base name. Declare it as `std::string_view file(std::string_view name);`; an unknown
name gives an empty view. `NAMESPACE::fileNames()` gives their names, a line each."""
import os
import sys


def main() -> None:
    out, namespace, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    body = ["#include <string_view>\n", f"namespace {namespace} {{\n",
            "std::string_view file(std::string_view name);\n",
            "std::string_view file(std::string_view name) {\n"]
    for path in files:
        with open(path, "rb") as f:
            data = f.read()
        text = ",".join(str(b if b < 128 else b - 256) for b in data)
        body.append(f'    static const char f{len(body)}[] = {{{text + "," if text else ""}0}};\n')
        body.append(f'    if (name == "{os.path.basename(path)}") return {{f{len(body) - 1}, {len(data)}}};\n')
    names = "".join(os.path.basename(path) + "\\n" for path in files)
    body.append("    return {};\n}\n"
                f'std::string_view fileNames();\nstd::string_view fileNames() {{ return "{names}"; }}\n}}\n')
    with open(out, "w", encoding="utf-8") as f:
        f.writelines(body)


main()
