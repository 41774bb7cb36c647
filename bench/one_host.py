#!/usr/bin/python3
"""One host, warm connections: the same pages from nginx by trawl, wget2, curl -Z and aiohttp, in turn.

trawl and aiohttp write their results as JSON Lines to a file; curl and wget2 throw the bodies away. wrk,
which parses nothing and keeps nothing, shows what the server can do: it runs two seconds in each round.

    bench/one_host.py [--rounds N]     times, into bench/results/one_host.json
    bench/one_host.py --counts         system calls, instructions and wake-ups of the server a fetch, into
                                       one_host_counts.json
"""
import argparse
import os
import re
import statistics
import subprocess

import common
import warm

# ---- times ----------------------------------------------------------------------------------------

def times(args, folder):
    port = common.free_port()
    work, ceiling = warm.Work(folder, f"http://127.0.0.1:{port}", args), []

    def wrk():
        ceiling.append(work.wrk())
        return common.Measure(0, 0, 0, 0)

    with common.nginx(folder, work.root, port):
        work.check_bytes(work.curl())
        work.check_bytes(work.wget2())
        results = common.rounds({
            "trawl": lambda: work.timed_lines(work.trawl()),
            "wget2": lambda: common.timed(work.wget2()),
            "curl -Z": lambda: common.timed(work.curl()),
            "aiohttp": lambda: work.timed_lines(work.aiohttp()),
            "wrk": wrk,
        }, args.rounds)
    del results["wrk"], ceiling[0]
    return results, ceiling


def print_times(args, results, ceiling):
    print(f"{args.urls} pages of {args.size} bytes from one host, {args.in_flight} at a time,"
          f" {args.rounds} rounds in turn")
    common.machine()
    print(warm.versions())
    common.table(results, args.urls)
    print(f"{'wrk':12} {statistics.median(ceiling):37.0f}   the ceiling, over 2 s; "
          f"{min(ceiling):.0f} to {max(ceiling):.0f}")


# ---- counts ---------------------------------------------------------------------------------------

def system_calls(command, folder):
    """By name, of all threads."""
    path = os.path.join(folder, "strace")
    common.timed(["strace", "-f", "-qq", "-c", "-U", "calls,name", "-o", path, *command])
    with open(path, encoding="ascii") as lines:
        found = re.findall(r"^\s*(\d+)\s+(\w+)\s*$", lines.read(), re.M)
    return {name: int(calls) for calls, name in found}


def instructions(command, folder):
    """In user space, of all threads: callgrind's."""
    done = subprocess.run(["taskset", "-c", common.CLIENT_CORE, "timeout", "600", "valgrind", "--tool=callgrind",
                           f"--callgrind-out-file={folder}/callgrind", *command], env=common.ENVIRONMENT,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or found is None:
        common.die(f"valgrind {command[0]}: {done.stderr[-400:]}")
    return {"instructions": int(found.group(1))}


def server_sleeps(command, server, count):
    """How often the server's worker went to sleep, and was woken, a fetch: the median of five runs."""
    with open(f"/proc/{server.process.pid}/task/{server.process.pid}/children", encoding="ascii") as children:
        worker = children.read().split()[0]

    def sleeps():
        with open(f"/proc/{worker}/status", encoding="ascii") as lines:
            return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", lines.read(), re.M).group(1))

    found = []
    for _ in range(5):
        before = sleeps()
        common.timed(command)
        found.append((sleeps() - before) / count)
    return statistics.median(found)


def per_fetch(few, many, count):
    """Starting and ending is in both, so it is not in the difference."""
    return {name: (n - few.get(name, 0)) / count for name, n in many.items()}


def counts(args, folder):
    port, found = common.free_port(), {}
    few, many, all_of_them = (warm.Work(folder, f"http://127.0.0.1:{port}", args, count)
                              for count in (500, 500 + args.counted, args.urls))
    with common.nginx(folder, few.root, port) as server:
        for name, command in (("trawl", warm.Work.trawl), ("wget2", warm.Work.wget2), ("curl -Z", warm.Work.curl)):
            found[name] = {}
            for count in (system_calls, instructions):
                found[name] |= per_fetch(count(command(few), folder), count(command(many), folder), args.counted)
            found[name]["server sleeps"] = server_sleeps(command(all_of_them), server, args.urls)
    return found


def print_counts(args, found):
    print(f"a fetch of {args.size} bytes from one host, {args.in_flight} at a time: the difference of runs of"
          f" 500 and of {500 + args.counted}")
    print(warm.versions())
    print(f"{'':12} {'instructions':>12} {'server sleeps':>13} {'system calls':>12}   of these")
    for name, each in found.items():
        calls = {call: n for call, n in each.items() if call not in ("instructions", "server sleeps", "total")}
        some = ", ".join(f"{call} {n:.2f}" for call, n in sorted(calls.items(), key=lambda c: -c[1]) if n >= 0.05)
        print(f"{name:12} {each['instructions']:12.0f} {each['server sleeps']:13.3f} {sum(calls.values()):12.2f}   {some}")
    print(f"instructions are those in user space; the server's sleeps are those of free runs of {args.urls} fetches")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    warm.arguments(parser)
    parser.add_argument("--counts", action="store_true", help="count, and take no times")
    parser.add_argument("--counted", type=int, default=2500, help="fetches that are counted")
    args = parser.parse_args()
    common.need("nginx", "curl", "wget2", "wrk", "taskset", "time", *(["strace", "valgrind"] if args.counts else []))
    about = {"machine": common.machine_line(), "versions": warm.versions(), "size": args.size,
             "in_flight": args.in_flight}
    with common.folder() as folder:
        if args.counts:
            found = counts(args, folder)
            print_counts(args, found)
            common.save("one_host_counts.json", {**about, "counted": args.counted, "per_fetch": found})
        else:
            results, ceiling = times(args, folder)
            print_times(args, results, ceiling)
            common.save("one_host.json", {**about, "urls": args.urls, "results": common.raw(results),
                                          "wrk_per_second": ceiling})


if __name__ == "__main__":
    main()
