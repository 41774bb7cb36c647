#!/usr/bin/python3
"""Names: 20,000 names from a name server on loopback, and name servers that fail.

First every URL has a name of its own, all of them of one nginx: how often each name was asked for, how many
threads there were, and what a name costs. Then 1,000 names at a time of which a server says nothing, rubbish,
too little or no: when the last fetch was freed, and how long others had to wait meanwhile. For that a fast
host is fetched all the time beside them; what its slowest page took longer than it has to bounds the
longest stay of the loop from above.

    bench/names.py [--rounds N]     into bench/results/names.json
"""
import argparse
import collections
import json
import os
import subprocess
import time

import common

SLACK_MS = 100  # after which a fetch must be freed when its name's time is over
CONTROL_MS, CONTROLS, AT_A_TIME = 20, 1500, 16
# What tests/dnsd.h lets a name server do, the address for it, and what must come of it.
FAULTS = {
    "silent": ("never answers", "EDNSTIMEOUT"),
    "garbage": ("answers with rubbish", "EDNSTIMEOUT"),
    "broken": ("answers with half a record", "ERESOLVE"),
    "truncate": ("truncates, whole by TCP", "200"),
    "stuck": ("truncates, silent by TCP", "EDNSTIMEOUT"),
    "servfail": ("SERVFAIL", None),
    "refused": ("REFUSED", None),
    "nxdomain": ("NXDOMAIN", "ERESOLVE"),
}


class NameServer:
    """tests/dnsd on the server's core; asked: {"names", "questions", "tcp"} once it has ended."""

    def __enter__(self):
        program = common.built(common.trawl(), "tests/dnsd_main")
        self.process = subprocess.Popen(["taskset", "-c", common.SERVER_CORE, program], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.address = self.process.stdout.readline().split()[-1]
        self.asked = None
        return self

    def __exit__(self, *_):
        self.process.terminate()
        words = self.process.communicate(timeout=10)[0].split()
        self.asked = {name: int(n) for name, n in zip(words[::2], words[1::2])}


def fetch(urls, out, in_flight, *more):
    return [common.trawl(), "fetch", "-q", "-t", "1", "-j", str(in_flight), "--format", "jsonl", "-o", out,
            "-i", urls, "--stats", out + ".stats", *more]


def lines_of(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


# ---- names that are there ---------------------------------------------------------------------------

def check(results, count):
    wrong = [r for r in results if r["status"] != 200 or r["error"] is not None or r["bytes"] != 1]
    if wrong or {r["index"] for r in results} != set(range(count)):
        common.die(f"{len(results)} results for {count} URLs, {len(wrong)} wrong: {json.dumps(wrong[:1])}")


def most_threads(command):
    """Of a process, looked at every 5 ms."""
    most = 0
    with subprocess.Popen(["taskset", "-c", common.CLIENT_CORE, *command], env=common.ENVIRONMENT) as process:
        while process.poll() is None:
            with open(f"/proc/{process.pid}/status", encoding="ascii") as lines:
                most = max([most] + [int(line.split()[1]) for line in lines if line.startswith("Threads:")])
            time.sleep(0.005)
    if process.returncode != 0:
        common.die(f"{' '.join(command)} ended with {process.returncode}")
    return most


class Names:
    """Fetching of so many pages by name, or by address."""

    def __init__(self, folder, port, count):
        self.count, self.asked = count, {}
        self.out = os.path.join(folder, "out.jsonl")
        self.lists = {"names": os.path.join(folder, "names.txt"), "addresses": os.path.join(folder, "addresses.txt")}
        common.write_lines(self.lists["names"], (f"http://7f000001.n{i}.is.test:{port}/" for i in range(count)))
        common.write_lines(self.lists["addresses"], (f"http://127.0.0.1:{port}/?i={i}" for i in range(count)))

    def run(self, which, more, take):
        with NameServer() as server:
            got = take(fetch(self.lists[which], self.out, 64, "--per-host", "0", "--dns-servers", server.address, *more))
        check(lines_of(self.out), self.count)
        return got, server.asked

    def once(self, name, which, *more):
        measure, asked = self.run(which, more, common.timed)
        self.asked.setdefault(name, []).append(asked)
        return measure


def measure_names(args, folder):
    port = common.free_port()
    names = Names(folder, port, args.names)
    # A fetch by address opens a connection too, as a fetch by name has to.
    with common.nginx(folder, folder, port, extra="location / { return 200 x; }"):
        results = common.rounds({
            "names": lambda: names.once("names", "names"),
            "names, -4": lambda: names.once("names, -4", "names", "-4"),
            "addresses": lambda: names.once("addresses", "addresses", "--no-keepalive"),
        }, args.rounds)
        threads = {which: names.run(which, [], most_threads)[0] for which in names.lists}
    return results, names.asked, threads


def print_names(args, results, asked, threads):
    print(f"{args.names} names, one page each, 64 at a time, {args.rounds} rounds in turn")
    common.table(results, args.names, first="names")
    for name, runs in asked.items():
        if name == "addresses":
            continue
        questions = sorted({run["questions"] / run["names"] for run in runs})
        kinds = "A alone" if "-4" in name else "A and AAAA"
        print(f"{name}: {'/'.join(str(n) for n in sorted({run['names'] for run in runs}))} names asked for,"
              f" {' to '.join(f'{q:.4f}' for q in {questions[0], questions[-1]})} questions a name ({kinds})")
    print(f"threads of the process: {threads['names']} with names, {threads['addresses']} with addresses")


# ---- names that fail ---------------------------------------------------------------------------------

def one_fault(args, folder, port, fault):
    urls, out = os.path.join(folder, "fault.txt"), os.path.join(folder, "fault.jsonl")
    common.write_lines(urls, [f"http://{fault}{i}.test:{port}/p?size=100" for i in range(args.dead)]
                       + [f"http://127.0.0.1:{port}/c{i}?latency={CONTROL_MS}&size=100" for i in range(CONTROLS)])
    with NameServer() as server:
        done = subprocess.run(["taskset", "-c", common.CLIENT_CORE, "timeout", "120", *fetch(
            urls, out, args.dead + AT_A_TIME, "--per-host", str(AT_A_TIME), "--dns-servers", server.address,
            "--dns-timeout", str(args.dns_timeout))], env=common.ENVIRONMENT, check=False)
    results = lines_of(out)
    if len(results) != args.dead + CONTROLS or done.returncode not in (0, 4):
        common.die(f"{fault}: {len(results)} results, ended with {done.returncode}")
    dead = [r for r in results if r["index"] < args.dead]
    control = [r for r in results if r["index"] >= args.dead]
    if any(r["status"] != 200 or r["error"] for r in control):
        common.die(f"{fault}: a page of the fast host failed")
    came_to = collections.Counter(r["error"]["name"] if r["error"] else str(r["status"]) for r in dead)
    stay = common.read_json(out + ".stats")["loop"]["longest_ms"]
    return {"came_to": dict(came_to), "freed_ms": max(r["ms"]["total"] for r in dead),
            "others_waited_ms": max(r["ms"]["total"] for r in control) - CONTROL_MS,
            "longest_stay_ms": stay, "asked": server.asked}


def measure_faults(args, folder):
    """{fault: [a dict a round]}"""
    port = common.free_port()
    found = {fault: [] for fault in FAULTS}
    with common.origin(port, hosts=16):
        for _ in range(args.rounds):
            for fault, runs in found.items():
                runs.append(one_fault(args, folder, port, fault))
    return found


def print_faults(args, found):
    limit = args.dns_timeout * 1000 + SLACK_MS
    print(f"\n{args.dead} names at once of a name server that fails, --dns-timeout {args.dns_timeout},"
          f" {args.rounds} rounds, the worst of them")
    print(f"{'the server':28} {'freed ms':>9} {'within':>6} {'others waited ms':>16} {'longest stay ms':>15}"
          f" {'questions':>9}   came to")
    for fault, runs in found.items():
        what, wanted = FAULTS[fault]
        freed, waited = (max(run[key] for run in runs) for key in ("freed_ms", "others_waited_ms"))
        stay = max(run["longest_stay_ms"] for run in runs)
        came_to = collections.Counter()
        for run in runs:
            came_to.update(run["came_to"])
        print(f"{what:28} {freed:9.1f} {'yes' if freed <= limit else 'NO':>6} {waited:16.1f}"
              f" {stay:15.1f}"
              f" {max(run['asked']['questions'] for run in runs) / args.dead:9.2f}   "
              + ", ".join(f"{name} {n}" for name, n in came_to.items()))
        if wanted is not None and set(came_to) != {wanted}:
            common.die(f"{what}: {dict(came_to)} and not {wanted}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=20000)
    parser.add_argument("--dead", type=int, default=1000, help="names that fail at once")
    parser.add_argument("--dns-timeout", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    common.need("nginx", "taskset", "time", "timeout")
    common.raise_files()
    common.machine()
    print(common.trawl_versions())
    with common.folder() as folder:
        results, asked, threads = measure_names(args, folder)
        print_names(args, results, asked, threads)
        faults = measure_faults(args, folder)
    print_faults(args, faults)
    common.save("names.json", {"machine": common.machine_line(), "versions": common.trawl_versions(),
                               "names": args.names, "results": common.raw(results), "asked": asked,
                               "threads": threads, "dead": args.dead, "dns_timeout": args.dns_timeout,
                               "faults": faults})


if __name__ == "__main__":
    main()
