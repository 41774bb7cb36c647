#!/usr/bin/python3
"""Links: how fast are they found in whole trees of HTML, beside gumbo and libxml2?

Every parser reads the same pages from memory, on one core, and counts the a elements with href; what
is timed is processor time. `scan` finds all links, `resolve` makes canonical URLs of them too, and
`unique` does so for those that a page has not linked before, which is what a crawl asks for. gumbo
builds its tree, which is then walked; libxml2 calls back for each element and builds none.
"""
import argparse
import os
import statistics

import common

PARSERS = ["scan", "scan-css", "scan-resolve", "scan-unique", "gumbo", "libxml2"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", default="/usr/share/doc/python3.11/html")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    common.need("taskset")
    if not os.path.isdir(args.root):
        common.die(f"{args.root} is missing; scripts/packages.sh lists the packages")
    program = common.built(common.trawl(), "links_bench")
    seconds = {name: [] for name in PARSERS}
    counts, size = {}, 0
    for _ in range(args.rounds):
        for name in PARSERS:
            # The first reading fills the caches and does not count.
            lines = common.output(["taskset", "-c", common.CLIENT_CORE, program, name, "2", args.root])
            taken, size, counts[name] = lines.splitlines()[-1].split()
            seconds[name].append(float(taken))
    print(f"{common.machine_line()}; one core")
    whole = {counts[name] for name in PARSERS if name != "scan-unique"}
    if len(whole) != 1:
        common.die(f"the parsers do not agree: {counts}")
    megabytes = int(size) / 1e6
    print(f"{megabytes:.1f} MB of HTML, {whole.pop()} links, {counts['scan-unique']} of them new in "
          f"their page; {args.rounds} rounds in turn")
    print(f"{'':14}{'MB/s':>8}{'best':>8}{'times gumbo':>14}")
    slow = statistics.median(seconds["gumbo"])
    for name in PARSERS:
        median, best = statistics.median(seconds[name]), min(seconds[name])
        print(f"{name:14}{megabytes / median:8.0f}{megabytes / best:8.0f}{slow / median:14.1f}")


main()
