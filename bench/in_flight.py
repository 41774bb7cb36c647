#!/usr/bin/python3
"""In flight: 10,000 and 15,000 fetches at once on as many hosts, each with 200 ms of latency.

The least time is those 200 ms; the rest is what starting and ending the fetches costs. Memory per fetch
is the peak less the peak of a run with one fetch. What the descriptors do not allow is left out.

    bench/in_flight.py [--rounds N]     into bench/results/in_flight.json
"""
import argparse
import os
import resource

import common
import origins

SPARE_FILES = 500  # of a client, beside its sockets
PER_SERVER = 5000  # a server needs a descriptor for each address and for each connection


def once(folder, lists, count):
    stats = os.path.join(folder, "stats.json")
    measure = common.timed(origins.fetch(common.trawl(), lists, os.path.join(folder, "out.jsonl"),
                                         count, stats, "-t", "1"))
    got = common.read_json(stats)
    if got["ok"] != count or got["bytes"] != count * origins.SIZE:
        common.die(f"{got['ok']} of {count} fetched, {got['bytes']} bytes: {got['errors']}")
    return measure


def allowed(counts):
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    for count in counts:
        if count + SPARE_FILES > files:
            print(f"{count} are left out: {files} descriptors are allowed")
    return [count for count in counts if count + SPARE_FILES <= files]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fetches", default="10000,15000")
    parser.add_argument("--latency", type=int, default=200, help="milliseconds")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    common.need("taskset", "time")
    common.raise_files()
    counts = allowed([int(count) for count in args.fetches.split(",")])
    with common.folder() as folder, origins.many(max(counts), per_process=PER_SERVER) as hosts:
        contestants = {}
        for count in [1, *counts]:
            lists = os.path.join(folder, f"{count}.txt")
            common.write_lines(lists, (f"http://{h}/p?latency={args.latency}&size={origins.SIZE}"
                                       for h in hosts[:count]))
            contestants[str(count)] = lambda lists=lists, count=count: once(folder, lists, count)
        results = common.rounds(contestants, args.rounds)
    print(f"fetches at once, each on a host of its own, {args.latency} ms of latency, {args.rounds} rounds in turn")
    common.machine()
    print(common.trawl_versions())
    print(f"{'fetches':>8} {'median s':>9} {'min':>7} {'max':>7} {'cpu s':>7} {'MB':>6}   kB a fetch")
    alone = common.median(results["1"], "peak_kb")
    for name, measures in results.items():
        seconds, peak = [m.seconds for m in measures], common.median(measures, "peak_kb")
        print(f"{name:>8} {common.median(measures):9.3f} {min(seconds):7.3f} {max(seconds):7.3f}"
              f" {common.median(measures, 'cpu'):7.3f} {peak / 1024:6.1f}   "
              + (f"{(peak - alone) / int(name):.1f}" if name != "1" else "-"))
    common.save("in_flight.json", {"machine": common.machine_line(), "versions": common.trawl_versions(),
                                   "latency_ms": args.latency, "results": common.raw(results)})


if __name__ == "__main__":
    main()
