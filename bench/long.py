#!/usr/bin/python3
"""Long: two million fetches over 50,000 hosts, as a stream: neither memory nor rate may change.

A list is made while it is read: every host once, in an order that spreads them, then every host again,
until there are enough. Results go to a pipe, where they are counted. Memory and the rate are looked at all
the time; what they are in the last tenth is set against what they were in the second.

Minutes are long on a machine that is shared. So with --beside-fresh, before, between and after the tenths the
process is stopped, and a fresh one fetches from every host once: a tenth's rate is also given beside that of the
fresh ones before and after it, which had the same servers at the same time. Being stopped costs some memory.

    bench/long.py [--fetches N]         into bench/results/long.json
    bench/long.py --beside-fresh        into long_beside_fresh.json
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


class Work:
    """What is fetched, and how."""

    def __init__(self, args, hosts, folder):
        self.hosts, self.folder, self.fetches = hosts, folder, args.fetches
        self.command = ["taskset", "-c", common.CLIENT_CORE, common.trawl(), "fetch", "-q", "-j", str(args.in_flight),
                        "--per-host", "0", "--format", "jsonl", "-i", "-", "--stats"]

    def write_list(self, pipe, fetches):
        """On a thread; the pipe holds it back."""
        count = len(self.hosts)
        with pipe:
            for first in range(0, fetches, count):
                pipe.write("".join(f"http://{self.hosts[i * STEP % count]}/p{first + i}?size=100\n"
                                   for i in range(min(count, fetches - first))).encode())

    def run(self, fetches, name, between=None):
        """The samples of one process, and its summary. between: called, while it is stopped, at each tenth."""
        stats = os.path.join(self.folder, name)
        with subprocess.Popen([*self.command, stats], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              env=common.ENVIRONMENT) as process:
            writer = threading.Thread(target=self.write_list, args=(process.stdin, fetches), daemon=True)
            writer.start()
            counter = Counter(process, fetches, between)
            try:
                counter.run()
            except BaseException:
                process.send_signal(signal.SIGKILL)
                raise
            writer.join()
        summary = common.read_json(stats)
        if process.returncode != 0 or counter.lines != fetches or summary["ok"] != fetches \
                or summary["bytes"] != 100 * fetches:
            common.die(f"{summary['ok']} of {fetches} fetched, {counter.lines} results, {summary['errors']}")
        return counter.samples, summary

    def fresh_rate(self):
        samples, _ = self.run(len(self.hosts), "fresh.json")
        return rate(samples)


def rate(samples):
    (count, begin, _), (last, end, _) = samples[0], samples[-1]
    return (last - count) / (end - begin)


def memory_kb(pid):
    """What is resident, counted page by page: VmRSS is off by some hundred kB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))


class Counter:
    """Counts lines, and looks at the process every so many of them. Its clock stands while the process does."""

    def __init__(self, process, fetches, between):
        self.process, self.fetches, self.between = process, fetches, between
        self.lines, self.samples, self.begin = 0, [], time.monotonic()

    def look(self):
        self.samples.append((self.lines, time.monotonic() - self.begin, memory_kb(self.process.pid)))

    def stop_between(self):
        stopped = time.monotonic()
        self.process.send_signal(signal.SIGSTOP)
        self.between()
        self.process.send_signal(signal.SIGCONT)
        self.begin += time.monotonic() - stopped

    def run(self):
        due, every, part = 0, max(1, self.fetches // 1000), 1
        for block in iter(lambda: self.process.stdout.read1(1 << 20), b""):
            self.lines += block.count(b"\n")
            if self.lines >= due:
                due = self.lines + every
                try:
                    self.look()
                except (StopIteration, OSError):
                    continue  # it has no memory any more: it has ended
            if self.between is not None and part < PARTS and self.lines * PARTS >= part * self.fetches:
                part += 1
                self.stop_between()


def parts(samples, fetches, fresh):
    """For each tenth: fetches a second, also as a part of what fresh processes did before and after it; memory: the
    median, at its end, the most."""
    found = []
    for part in range(PARTS):
        here = [s for s in samples if part * fetches <= s[0] * PARTS <= (part + 1) * fetches]
        beside = statistics.mean(fresh[part:part + 2]) if fresh else None
        found.append({"per_second": rate(here), "of_fresh": rate(here) / beside if fresh else None,
                      "kb": statistics.median(s[2] for s in here),
                      "last_kb": here[-1][2], "most_kb": max(s[2] for s in here)})
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fetches", type=int, default=2000000)
    parser.add_argument("--hosts", type=int, default=50000)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--beside-fresh", action="store_true", help="set the rate against that of fresh processes")
    args = parser.parse_args()
    common.need("taskset")
    common.raise_files()
    begin = time.monotonic()
    with common.folder() as folder, origins.many(args.hosts, seconds=7200) as hosts:
        work, fresh = Work(args, hosts, folder), []

        def look_at_fresh():
            fresh.append(work.fresh_rate())

        if args.beside_fresh:
            look_at_fresh()
        samples, summary = work.run(args.fetches, "stats.json", look_at_fresh if args.beside_fresh else None)
        if args.beside_fresh:
            look_at_fresh()
    tenths = parts(samples, args.fetches, fresh)
    print(f"{args.fetches} fetches of 100 bytes over {args.hosts} hosts, {args.in_flight} at a time")
    common.machine()
    print(common.trawl_versions())
    print(f"{'tenth':>6} {'per s':>9} {'MB':>8} {'most MB':>8}" + ("   of fresh" if fresh else ""))
    for number, part in enumerate(tenths, 1):
        print(f"{number:6} {part['per_second']:9.0f} {part['kb'] / 1024:8.2f} {part['most_kb'] / 1024:8.2f}"
              + (f"   {part['of_fresh']:8.3f}" if fresh else ""))
    early, late = tenths[0], tenths[-1]
    print(f"memory at the end / at one tenth: {late['last_kb'] / early['last_kb']:.3f}")
    print(f"rate in the last tenth / in the second: {late['per_second'] / tenths[1]['per_second']:.3f}")
    if fresh:
        print(f"the same beside fresh processes: {late['of_fresh'] / tenths[1]['of_fresh']:.3f}")
    print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
    common.save("long_beside_fresh.json" if fresh else "long.json",
                {"machine": common.machine_line(), "versions": common.trawl_versions(), "fetches": args.fetches,
                 "hosts": args.hosts, "in_flight": args.in_flight, "fresh_per_second": fresh, "tenths": tenths,
                 "samples": samples, "summary": summary})


if __name__ == "__main__":
    main()
