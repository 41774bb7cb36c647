"""Which file of src/ may include what.

    base <- parse <- frontier;  base <- fetch;  base <- sink
    crawl sees every room but cli; cli sees trawl.h and itself.
    trawl.h may be included everywhere, and includes nothing of the project.

Usage: layers.py SRC    prints a line for each violation; exits with 1 if there is any
"""

import os
import re
import sys

SEES = {
    "base": {"base"},
    "parse": {"base", "parse"},
    "frontier": {"base", "parse", "frontier"},
    "fetch": {"base", "fetch"},
    "sink": {"base", "sink"},
    "crawl": {"base", "parse", "frontier", "fetch", "sink", "crawl"},
    "cli": {"cli"},
    "trawl.h": set(),
}
# Headers of libraries that stand in some rooms only.
OUTSIDE = {
    "uv.h": {"fetch", "crawl", "trawl.h", "cli"},
    "curl": {"fetch"},
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include(?:_next)?[ \t]*(?:"([^"]*)"|<([^>]*)>|(\S.*))', re.M)
# Comments and continued lines would hide an include, or make one up.
NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)


def room_of(path):
    """The room of a path relative to src: a directory or "trawl.h"; None for others."""
    room, _, rest = path.partition("/")
    return room if room in SEES and (rest != "" or room == "trawl.h") else None


def includes_of(text):
    """Pairs of (name, how it is given: "quoted", "angled" or "macro") of a C file."""
    text = text.replace("\\\n", "")
    text = NOISE.sub(lambda m: m[0] if m[0].startswith('"') else " ", text)
    for quoted, angled, other in INCLUDE.findall(text):
        yield (quoted or angled or other,
               "quoted" if quoted else "angled" if angled else "macro")


def judge(src, path, name, way):
    """What is wrong with `path` including `name`, or None."""
    if way == "macro":
        return "the name of a header is written out"
    room = room_of(path)
    outside = "curl" if name.startswith("curl/") else os.path.basename(name)
    if outside in OUTSIDE:
        return None if room in OUTSIDE[outside] else f"{outside} does not stand in {room}"
    if os.path.exists(os.path.join(src, name)):
        target = room_of(name)
        if way != "quoted":
            return "a header of the project is included in quotes"
        if os.path.normpath(name) != name:
            return "the path is not plain"
        if target == "trawl.h" or target in SEES[room]:
            return None
        return f"{room} does not see {target}"
    if way == "quoted":
        return "not a header, relative to src"
    return "the path is not plain" if ".." in name else None


def violations(src):
    """Lines like "sink/a.c: fetch/b.h: sink does not see fetch" for all files under src."""
    found = []
    for folder, _, names in os.walk(src):
        for name in names:
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.relpath(os.path.join(folder, name), src)
            if room_of(path) is None:
                found.append(f"{path}: stands in no room")
                continue
            with open(os.path.join(src, path), encoding="utf-8") as file:
                text = file.read()
            for included, way in includes_of(text):
                wrong = judge(src, path, included, way)
                if wrong:
                    found.append(f"{path}: {included}: {wrong}")
    return sorted(found)


def main():
    found = violations(sys.argv[1])
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
