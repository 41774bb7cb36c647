#!/usr/bin/python3
"""In flight: 10,000 fetches at once on 10,000 hosts, each with 200 ms of latency.

The least time is those 200 ms; the rest is what starting and ending 10,000 fetches costs. Memory per
fetch is the peak less the peak of a run with one fetch.
"""
import argparse
import json
import os

import common
import origins


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fetches", type=int, default=10000)
    parser.add_argument("--latency", type=int, default=200, help="milliseconds")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    common.need("taskset", "time")
    common.raise_files()
    program = common.trawl()

    def run(lists, count):
        stats = os.path.join(folder, "stats.json")
        measure = common.timed(origins.fetch(program, lists, os.path.join(folder, "out.jsonl"),
                                             count, stats, "-t", "1"))
        with open(stats, encoding="utf-8") as f:
            got = json.load(f)
        if got["ok"] != count:
            common.die(f"{got['ok']} of {count} fetched")
        return measure

    # A server needs a descriptor for each address and for each connection.
    with common.folder() as folder, origins.many(args.fetches, per_process=5000) as hosts:
        lists = {}
        for count in (1, args.fetches):
            lists[count] = os.path.join(folder, f"{count}.txt")
            with open(lists[count], "w", encoding="ascii") as f:
                f.writelines(f"http://{h}/p?latency={args.latency}\n" for h in hosts[:count])
        results = common.rounds({"one": lambda: run(lists[1], 1),
                                 "all": lambda: run(lists[args.fetches], args.fetches)}, args.rounds)
    print(f"{args.fetches} fetches at once, each on a host of its own, {args.latency} ms of latency,"
          f" {args.rounds} rounds")
    common.machine()
    common.table(results, args.fetches, first="all")
    extra = common.median(results["all"], "peak_kb") - common.median(results["one"], "peak_kb")
    print(f"memory: {extra / args.fetches:.1f} kB a fetch in flight")


if __name__ == "__main__":
    main()
