#!/usr/bin/python3
"""Long: two million fetches over 50,000 hosts, as a stream: neither memory nor rate may change.

A list is made while it is read: every host once, in an order that spreads them, then every host again,
until there are enough. Results go to a pipe, where they are counted. Memory and the rate are looked at all
the time; what they are in the last tenth is set against what they were in the second.

    bench/long.py [--fetches N]     into bench/results/long.json
"""
import argparse
import os
import signal
import statistics
import subprocess
import sys
import threading
import time

import common
import origins

PARTS = 10
STEP = 7919  # prime to the number of hosts, so that neighbours in the list are none in the address space


def write_list(pipe, hosts, fetches):
    """On a thread; the pipe holds it back."""
    with pipe:
        for first in range(0, fetches, len(hosts)):
            count = min(len(hosts), fetches - first)
            pipe.write("".join(f"http://{hosts[i * STEP % len(hosts)]}/p{first + i}?size=100\n"
                               for i in range(count)).encode())


def memory_kb(pid):
    """What is resident, counted page by page: VmRSS is off by some hundred kB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))


class Counter:
    """Counts lines, and looks at the process every so many of them."""

    def __init__(self, process, fetches):
        self.process, self.every = process, max(1, fetches // 1000)
        self.lines, self.samples, self.begin = 0, [], time.monotonic()

    def look(self):
        self.samples.append((self.lines, time.monotonic() - self.begin, memory_kb(self.process.pid)))

    def run(self):
        due = 0
        for block in iter(lambda: self.process.stdout.read1(1 << 20), b""):
            self.lines += block.count(b"\n")
            if self.lines >= due:
                due = self.lines + self.every
                try:
                    self.look()
                except (StopIteration, OSError):
                    continue  # it has no memory any more: it has ended


def crawl(args, hosts, stats):
    command = ["taskset", "-c", common.CLIENT_CORE, common.trawl(), "fetch", "-q", "-j", str(args.in_flight),
               "--per-host", "0", "--format", "jsonl", "-i", "-", "--stats", stats]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=common.ENVIRONMENT) as process:
        writer = threading.Thread(target=write_list, args=(process.stdin, hosts, args.fetches), daemon=True)
        writer.start()
        counter = Counter(process, args.fetches)
        try:
            counter.run()
        except BaseException:
            process.send_signal(signal.SIGKILL)
            raise
        writer.join()
    summary = common.read_json(stats)
    if process.returncode != 0 or counter.lines != args.fetches or summary["ok"] != args.fetches \
            or summary["bytes"] != 100 * args.fetches:
        common.die(f"{summary['ok']} of {args.fetches} fetched, {counter.lines} results, {summary['errors']}")
    return counter.samples, summary


def parts(samples, fetches):
    """For each tenth: fetches a second; memory: the median, at its end, the most."""
    found = []
    for part in range(PARTS):
        here = [s for s in samples if part * fetches <= s[0] * PARTS <= (part + 1) * fetches]
        (count, begin, _), (last, end, last_kb) = here[0], here[-1]
        found.append({"per_second": (last - count) / (end - begin), "kb": statistics.median(s[2] for s in here),
                      "last_kb": last_kb, "most_kb": max(s[2] for s in here)})
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fetches", type=int, default=2000000)
    parser.add_argument("--hosts", type=int, default=50000)
    parser.add_argument("--in-flight", type=int, default=64)
    args = parser.parse_args()
    common.need("taskset")
    common.raise_files()
    begin = time.monotonic()
    with common.folder() as folder, origins.many(args.hosts, seconds=7200) as hosts:
        samples, summary = crawl(args, hosts, os.path.join(folder, "stats.json"))
    tenths = parts(samples, args.fetches)
    print(f"{args.fetches} fetches of 100 bytes over {args.hosts} hosts, {args.in_flight} at a time")
    common.machine()
    print(common.trawl_versions())
    print(f"{'tenth':>6} {'per s':>9} {'MB':>8} {'most MB':>8}")
    for number, part in enumerate(tenths, 1):
        print(f"{number:6} {part['per_second']:9.0f} {part['kb'] / 1024:8.2f} {part['most_kb'] / 1024:8.2f}")
    early, late = tenths[0], tenths[-1]
    print(f"memory at the end / at one tenth: {late['last_kb'] / early['last_kb']:.3f}")
    print(f"rate in the last tenth / in the second: {late['per_second'] / tenths[1]['per_second']:.3f}")
    print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
    common.save("long.json", {"machine": common.machine_line(), "versions": common.trawl_versions(),
                              "fetches": args.fetches, "hosts": args.hosts, "in_flight": args.in_flight,
                              "tenths": tenths, "samples": samples, "summary": summary})


if __name__ == "__main__":
    main()
