#!/usr/bin/python3
"""Where threads win: pages that cost processor time, on two cores.

nginx sends small gzip files that it need not compress; the client unpacks them into large pages. The
server has next to nothing to do, the client cannot wait for anything: what counts is how many cores a
strategy can use. Each is measured on both cores, and on one of them.

    bench/processor.sh [--rounds N]    writes bench/results/processor.json
"""
import argparse
import gzip
import json
import os
import sys

import common

BOTH = f"{common.SERVER_CORE},{common.CLIENT_CORE}"
CONTESTANTS = {
    "loop": ["--strategy", "loop"],
    "pool 2": ["--strategy", "pool", "--workers", "2"],
    "pool 4": ["--strategy", "pool", "--workers", "4"],
    "batch 4": ["--strategy", "batch", "--workers", "4"],
    "process 4": ["--strategy", "process", "--workers", "4"],
    "sequential": ["--strategy", "sequential"],
}


def packed_pages(root, count, size):
    """Pages of some words in any order, which pack about 4 to 1, as real ones do."""
    words = [f"{a}{b}{c}" for a in ("ta", "ve", "rin", "do") for b in ("ska", "gun", "ix") for c in ("me", "ba", "lo")]
    packed = 0
    for i in range(count):
        state, parts, length = i + 1, [], 0
        while length < size:
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            parts.append(words[(state >> 33) % len(words)])
            length += len(parts[-1]) + 1
        data = gzip.compress(" ".join(parts)[:size].ljust(size).encode(), 6, mtime=0)
        packed += len(data)
        with open(os.path.join(root, f"p{i}.html.gz"), "wb") as out:
            out.write(data)
    return packed // count


def check(out, count, size):
    with open(out, encoding="utf-8") as lines:
        results = [json.loads(line) for line in lines]
    if len(results) != count or any(r["bytes"] != size or r["error"] is not None for r in results):
        common.die("a page did not come whole")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--urls", type=int, default=64)
    parser.add_argument("--size", type=int, default=4 << 20)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    common.need("nginx", "taskset", "time", "timeout")
    with common.folder() as folder:
        root = os.path.join(folder, "www")
        os.mkdir(root)
        packed = packed_pages(root, args.urls, args.size)
        port = common.free_port()
        lists, out = os.path.join(folder, "urls.txt"), os.path.join(folder, "out.jsonl")
        common.write_lines(lists, [f"http://127.0.0.1:{port}/p{i}.html" for i in range(args.urls)])
        fetch = [common.trawl(), "fetch", "-q", "--format", "jsonl", "-o", out, "-i", lists]

        def contestant(more, core):
            def run():
                measure = common.timed([*fetch, *more], core=core)
                check(out, args.urls, args.size)
                return measure
            return run

        with common.nginx(folder, root, port, "gzip_static always; gunzip on;", core=BOTH):
            results = {}
            for title, core in (("both cores", BOTH), ("one core", common.CLIENT_CORE)):
                print(f"{title}...", file=sys.stderr)
                results[title] = common.rounds({name: contestant(more, core) for name, more in CONTESTANTS.items()},
                                               args.rounds)
    print(f"{args.urls} pages of {args.size} bytes, sent as {packed} bytes of gzip, {args.rounds} rounds in turn")
    print(f"{common.machine_line()}; the server on both cores\n{common.trawl_versions()}")
    for title, found in results.items():
        print(f"\n{title}")
        common.table(found, args.urls, first="loop")
    common.save("processor.json", {
        "machine": common.machine_line(), "versions": common.trawl_versions(), "urls": args.urls,
        "size": args.size, "packed": packed,
        "results": {title: {name: [vars(m) for m in ms] for name, ms in found.items()}
                    for title, found in results.items()}})


if __name__ == "__main__":
    main()
