#!/usr/bin/env python3
"""Writes src/parse/html_references.inc: the HTML standard's named character references.

    scripts/html_references.py > src/parse/html_references.inc

The list is the one in Python's html.entities, which is the standard's."""

import html.entities


def c_names(names):
    """The names as C strings, each with its NUL, some to a line."""
    line = ""
    for name in names:
        item = name + "\\0"
        if len(line) + len(item) > 84:
            yield f'    "{line}"'
            line = ""
        line += item
    yield f'    "{line}"'


def main():
    table = html.entities.html5
    names = sorted(name[:-1] for name in table if name.endswith(";"))
    assert all(name + ";" in table for name in table if not name.endswith(";"))
    print("/* Made by scripts/html_references.py from the HTML standard's list; for references.c. */")
    print("// clang-format off")
    print("static const char names[] =")
    print("\n".join(c_names(names)) + ";")
    print()
    print("/* Where the name is in names, whether the semicolon may be missing, the characters. */")
    print("static const struct reference references[] = {")
    at = 0
    items = []
    for name in names:
        characters = [ord(c) for c in table[name + ";"]] + [0]
        items.append(f"{{{at}, {int(name in table)}, {characters[0]:#x}, {characters[1]:#x}}},")
        at += len(name) + 1
    for i in range(0, len(items), 4):
        print("    " + " ".join(items[i:i + 4]))
    print("};")
    print("// clang-format on")


main()
