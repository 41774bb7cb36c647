#!/usr/bin/python3
"""Many hosts: one page each from 2,000, 15,000 and 60,000 hosts, 64 at a time.

What a fetch costs must not grow with the number of hosts seen. curl -Z, wget2 and the usual glue of
libuv and libcurl (naive_glue.c) run at 15,000, the glue at 2,000 too.
"""
import argparse
import os

import common
import origins


def write_lists(folder, name, hosts):
    lists = os.path.join(folder, f"{name}.txt")
    conf = os.path.join(folder, f"{name}.conf")
    with open(lists, "w", encoding="ascii") as f:
        f.writelines(f"http://{h}/p?size={origins.SIZE}\n" for h in hosts)
    with open(conf, "w", encoding="ascii") as f:
        f.writelines(f'url = "http://{h}/p?size={origins.SIZE}"\noutput = "/dev/null"\n' for h in hosts)
    return lists, conf


def trawl_once(program, lists, count, folder):
    stats = os.path.join(folder, "stats.json")
    measure = common.timed(origins.fetch(program, lists, os.path.join(folder, "out.jsonl"), 64, stats))
    got = common.read_json(stats)
    if got["ok"] != count or got["bytes"] != count * origins.SIZE:
        common.die(f"{got['ok']} of {count} fetched")
    return measure


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="2000,15000,60000")
    parser.add_argument("--peers-at", type=int, default=15000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    common.need("curl", "wget2", "taskset", "time")
    common.raise_files()
    counts = [int(c) for c in args.counts.split(",")]
    program = common.trawl()
    with common.folder() as folder, origins.many(max(counts)) as hosts:
        step = {c: max(counts) // c for c in counts}
        lists = {c: write_lists(folder, str(c), hosts[::step[c]][:c]) for c in counts}
        contestants = {f"trawl {c}": (lambda c=c: trawl_once(program, lists[c][0], c, folder)) for c in counts}
        glue = common.built(program, "naive_glue")
        for c in {counts[0], args.peers_at} & set(counts):
            contestants[f"glue {c}"] = lambda c=c: common.timed(
                ["sh", "-c", f"exec {glue} 64 < {lists[c][0]}"])
        if args.peers_at in counts:
            text, conf = lists[args.peers_at]
            contestants[f"wget2 {args.peers_at}"] = lambda: common.timed(
                ["wget2", "-q", "--max-threads=64", "-O", "/dev/null", "-i", text])
            contestants[f"curl {args.peers_at}"] = lambda: common.timed(
                ["curl", "-s", "-Z", "--parallel-max", "64", "-K", conf])
        results = common.rounds(contestants, args.rounds)
    print(f"one page of {origins.SIZE} bytes from each host, 64 at a time, {args.rounds} rounds in turn")
    common.machine()
    print(f"{common.trawl_versions()}; curl {common.version(['curl', '--version'])},"
          f" wget2 {common.version(['wget2', '--version'])}")
    print(f"{'':14} {'median s':>9} {'min':>7} {'max':>7} {'per s':>9} {'cpu s':>7} {'MB':>6}")
    for name, measures in results.items():
        count = int(name.split()[1])
        times = [m.seconds for m in measures]
        print(f"{name:14} {common.median(measures):9.3f} {min(times):7.3f} {max(times):7.3f}"
              f" {count / common.median(measures):9.0f} {common.median(measures, 'cpu'):7.3f}"
              f" {common.median(measures, 'peak_kb') / 1024:6.1f}")
    rate = {c: c / common.median(results[f"trawl {c}"]) for c in counts}
    print(f"rate at {counts[-1]} hosts / rate at {counts[0]}: {rate[counts[-1]] / rate[counts[0]]:.2f}")
    if args.peers_at in counts:
        mine = common.median(results[f"trawl {args.peers_at}"])
        for peer in ("wget2", "curl", "glue"):
            print(f"trawl / {peer} at {args.peers_at}: "
                  f"{mine / common.median(results[f'{peer} {args.peers_at}']):.2f}")
    common.save("many_hosts.json", {"machine": common.machine_line(), "versions": common.trawl_versions(),
                                    "size": origins.SIZE, "results": common.raw(results)})


if __name__ == "__main__":
    main()
