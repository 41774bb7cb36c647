#!/usr/bin/python3
"""What each strategy costs as it grows: 1 to 10,000 fetches that each wait 200 ms for their answer.

Each strategy has as many workers as there are fetches, as far as its kind goes: libuv's pool has 1023
threads at the most, more processes than --most-processes are not started, and sequential is left out
where it would take minutes. Times are taken in rounds in turn; memory, threads and processes in a run
of their own, because looking costs time.

    bench/scaling.sh [--rounds N] [--most-processes N]    writes bench/results/scaling.json
    bench/scaling.sh --draw                               table and chart of what is there
"""
import argparse
import glob
import json
import os
import statistics
import subprocess
import sys
import time

import chart
import common

SIZES = [1, 10, 100, 1000, 10000]
LATENCY_MS, BYTES, HOSTS = 200, 1000, 100
MOST_THREADS = 1023  # libuv allows 1024, one is left for other work
SEQUENTIAL_UP_TO = 100
STRATEGIES = ["loop", "pool", "batch", "process", "sequential"]


def workers(strategy, count, most_processes):
    most = {"loop": 1, "sequential": 1, "pool": MOST_THREADS, "process": most_processes}
    return min(count, most.get(strategy, count))


def command(strategy, count, lists, out, stats, most_processes):
    n = workers(strategy, count, most_processes)
    more = [] if strategy in ("loop", "sequential") else ["--workers", str(n)]
    return [common.trawl(), "fetch", "--strategy", strategy, *more, "-j", str(count), "--per-host", "0", "-q",
            "--format", "jsonl", "--stats", stats, "-o", out, "-i", lists]


def check(out, count):
    with open(out, encoding="utf-8") as lines:
        results = [json.loads(line) for line in lines]
    if {r["index"] for r in results} != set(range(count)) or len(results) != count:
        common.die(f"{len(results)} results for {count} URLs")
    for r in results:
        if r["status"] != 200 or r["bytes"] != BYTES or r["error"] is not None or r["tries"] != 1:
            common.die(f"a wrong result: {json.dumps(r)[:300]}")


# ---- memory and threads, by looking ------------------------------------------------------------

def family(pid):
    """The process and all its descendants."""
    found = [pid]
    for parent in found:
        for path in glob.glob(f"/proc/{parent}/task/*/children"):
            with open(path, encoding="ascii") as children:
                found.extend(int(child) for child in children.read().split())
    return found


def fields(path):
    with open(path, encoding="ascii") as lines:
        parts = (line.split() for line in lines)
        return {p[0].rstrip(":"): int(p[1]) for p in parts if len(p) > 1 and p[1].isdigit()}


def look(pid):
    """Kilobytes (what processes share counts once), threads, processes."""
    private = shared = threads = processes = 0
    for member in family(pid):
        try:
            memory = fields(f"/proc/{member}/smaps_rollup")
            threads += fields(f"/proc/{member}/status")["Threads"]
        except (FileNotFoundError, ProcessLookupError, KeyError):
            continue  # it has just ended
        private += memory["Private_Clean"] + memory["Private_Dirty"]
        shared = max(shared, memory["Shared_Clean"] + memory["Shared_Dirty"])
        processes += 1
    return private + shared, threads, processes


def watched(args, limit):
    """Peaks over a run: of memory, of threads, of processes."""
    peak = [0, 0, 0]
    with subprocess.Popen(["taskset", "-c", common.CLIENT_CORE, *args], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env=common.ENVIRONMENT) as process:
        end = time.monotonic() + limit
        while process.poll() is None:
            try:
                peak = [max(a, b) for a, b in zip(peak, look(process.pid))]
            except (FileNotFoundError, ProcessLookupError):
                pass  # a process ended between two looks
            if time.monotonic() > end:
                process.kill()
                common.die(f"{' '.join(args)} took longer than {limit} s")
            time.sleep(0.01)
    if process.returncode != 0:
        common.die(f"{' '.join(args)} ended with {process.returncode}")
    return dict(zip(("kb", "threads", "processes"), peak))


# ---- the measurement ---------------------------------------------------------------------------

def measure(strategies, count, rounds, folder, most_processes):
    port = common.free_port()
    lists, out, stats = (os.path.join(folder, name) for name in ("urls.txt", "out.jsonl", "stats.json"))
    common.write_lines(lists, [f"http://127.0.0.{1 + i % HOSTS}:{port}/p{i}?size={BYTES}&latency={LATENCY_MS}"
                               for i in range(count)])
    found = {s: {"workers": workers(s, count, most_processes), "seconds": [], "whole": [], "cpu": [],
                 "switches": [], "peak_kb": []} for s in strategies}
    with common.origin(port, hosts=HOSTS):
        for number in range(rounds + 1):
            for s in strategies:
                whole = common.timed(command(s, count, lists, out, stats, most_processes), limit=180)
                check(out, count)
                if number > 0:
                    found[s]["seconds"].append(common.summary_seconds(stats))
                    found[s]["whole"].append(whole.seconds)
                    for key in ("cpu", "switches", "peak_kb"):
                        found[s][key].append(getattr(whole, key))
                print(f"{count} {s}: {common.summary_seconds(stats):.3f} s", file=sys.stderr)
        for s in strategies:
            found[s]["seen"] = watched(command(s, count, lists, out, stats, most_processes), 180)
    return found


def memory_mb(result):
    """The kernel's exact peak for one process, the most that was seen for several."""
    many = result["seen"]["processes"] > 1
    return (result["seen"]["kb"] if many else statistics.median(result["peak_kb"])) / 1024


# ---- what came of it ---------------------------------------------------------------------------

def tables(data):
    print(f"{data['machine']}\n{data['versions']}\n{data['rounds']} rounds in turn, medians; each fetch waits "
          f"{LATENCY_MS} ms, {HOSTS} addresses; server on core {common.SERVER_CORE}, client on core "
          f"{common.CLIENT_CORE}\n")
    print(f"{'fetches':>7} {'strategy':10} {'workers':>7} {'seconds':>8} {'min-max':>15} {'memory MB':>9}"
          f" {'threads':>7} {'processes':>9} {'cpu s':>7} {'switches':>8}")
    for count, found in data["sizes"].items():
        for strategy, r in found.items():
            times = r["seconds"]
            print(f"{count:>7} {strategy:10} {r['workers']:7} {statistics.median(times):8.3f}"
                  f" {f'{min(times):.3f}-{max(times):.3f}':>15} {memory_mb(r):9.1f} {r['seen']['threads']:7}"
                  f" {r['seen']['processes']:9} {statistics.median(r['cpu']):7.2f}"
                  f" {statistics.median(r['switches']):8.0f}")
        print()


def panel(data, title, label, value):
    lines = []
    for strategy in STRATEGIES:
        points = [(int(count), value(found[strategy])) for count, found in data["sizes"].items()
                  if strategy in found]
        if points:
            lines.append(chart.Line(strategy, strategy, points))
    return chart.Panel(title, "fetches", label, lines, log_x=True, log_y=True, names=130)


def draw(data):
    note = (f"Each fetch waits {LATENCY_MS} ms; as many workers as fetches (pool: at most {MOST_THREADS} threads, "
            f"process: at most {data['most_processes']} processes). Medians. Made by bench/scaling.sh.")
    chart.write(os.path.join(common.ROOT, "docs", "scaling.svg"), "What each strategy costs as it grows", note,
                [panel(data, "time", "seconds", lambda r: statistics.median(r["seconds"])),
                 panel(data, "peak memory", "MB", memory_mb)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most-processes", type=int, default=100)
    parser.add_argument("--only", help="strategies, separated by commas; nothing is saved or drawn")
    parser.add_argument("--draw", action="store_true", help="only draw and print what was measured before")
    args = parser.parse_args()
    if args.draw:
        data = common.read_json(os.path.join(common.ROOT, "bench", "results", "scaling.json"))
    else:
        common.need("taskset", "time", "timeout", "rsvg-convert")
        common.raise_files()
        names = args.only.split(",") if args.only else STRATEGIES
        data = {"machine": common.machine_line(), "versions": common.trawl_versions(), "rounds": args.rounds,
                "most_processes": args.most_processes, "sizes": {}}
        with common.folder() as folder:
            for count in SIZES:
                fit = [s for s in names if s != "sequential" or count <= SEQUENTIAL_UP_TO]
                if fit:
                    data["sizes"][str(count)] = measure(fit, count, args.rounds, folder, args.most_processes)
    tables(data)
    if args.only:
        return
    if not args.draw:
        common.save("scaling.json", data)
    draw(data)


if __name__ == "__main__":
    main()
