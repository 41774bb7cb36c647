#!/usr/bin/python3
"""The same URLs by Python programs and by trawl's strategies: 1 to 16 of them, at three latencies.

16 URLs, 4 pages given 4 times each, on 4 addresses. In each round every contestant fetches the first 1,
2, 3 ... 16 of them in turn; everyone must return the first 100 characters of every page. Two times are
taken: of the fetching alone, and of the whole process from its start to its end.

    bench/article.sh [--rounds N] [--latencies MS,MS...]    writes bench/results/article.json
    bench/article.sh --draw                                 table and charts of what is there
"""
import argparse
import json
import os
import statistics
import sys
import urllib.request

import chart
import common

COUNTS = list(range(1, 17))
PAGES = ["127.0.0.1:{}/harbour?size=13500", "127.0.0.2:{}/library?size=30000&charset=shift_jis",
         "127.0.0.3:{}/market?size=2000&framing=chunked", "127.0.0.4:{}/tower?size=60000&charset=koi8-r"]

# name: kind, and the program in bench/peers with its options, or trawl's strategy
PEERS = {
    "requests": ("sequential", ["sequential.py"]),
    "threading ×4": ("batch", ["threads.py"]),
    "joblib ×4": ("pool", ["joblib_pool.py"]),
    "Pool(4)": ("process", ["process_pool.py"]),
    "aiohttp": ("loop", ["aiohttp_client.py"]),
    "joblib ×4, up": ("pool", ["joblib_pool.py", "--warm"]),
    "Pool(4), up": ("process", ["process_pool.py", "--warm"]),
}
OURS = {
    "trawl sequential": ("sequential", []),
    "trawl batch 4": ("batch", ["--workers", "4"]),
    "trawl pool 4": ("pool", ["--workers", "4"]),
    "trawl process 4": ("process", ["--workers", "4"]),
    "trawl loop": ("loop", []),
}
NOT_DRAWN = ("joblib ×4", "Pool(4)")  # the same programs with their workers up are
TWINS = {peer: ours for peer, (kind, _) in PEERS.items() for ours, (same, _) in OURS.items() if kind == same}


def expected_pages(urls):
    """By a client that is none of the contestants."""
    pages = []
    for url in urls:
        with urllib.request.urlopen(url, timeout=30) as answer:
            charset = answer.headers.get_content_charset()
            pages.append(answer.read().decode(charset)[:100])
    return pages


def run_peer(arguments, lists, folder):
    path = os.path.join(folder, "out.json")
    program = os.path.join(common.ROOT, "bench", "peers", arguments[0])
    with open(path, "wb") as out:
        whole = common.timed([common.PYTHON, program, *arguments[1:], lists], stdout=out)
    result = common.read_json(path)
    return result["seconds"], whole, result["pages"]


def run_trawl(kind, arguments, lists, folder):
    out, stats = os.path.join(folder, "out.jsonl"), os.path.join(folder, "stats.json")
    whole = common.timed([common.trawl(), "fetch", "--strategy", kind, *arguments, "-q", "--format", "jsonl",
                          "--stats", stats, "-o", out, "-i", lists])
    with open(out, encoding="utf-8") as lines:
        results = sorted((json.loads(line) for line in lines), key=lambda r: r["index"])
    return common.summary_seconds(stats), whole, [r["excerpt"] for r in results]


def measure(name, lists, folder, expected):
    if name in OURS:
        seconds, whole, pages = run_trawl(*OURS[name], lists, folder)
    else:
        seconds, whole, pages = run_peer(PEERS[name][1], lists, folder)
    if pages != expected:
        common.die(f"{name} did not return the first 100 characters of each page")
    return {"seconds": seconds, "whole": whole.seconds, "cpu": whole.cpu, "peak_kb": whole.peak_kb}


def at_latency(latency, rounds, names, folder):
    """{name: {count: [a measure a round]}}, after a warm-up."""
    port = common.free_port()
    urls = [f"http://{page.format(port)}&latency={latency}" for page in PAGES] * 4
    results = {name: {str(count): [] for count in COUNTS} for name in names}
    with common.origin(port, hosts=len(PAGES)):
        expected = expected_pages(urls[:len(PAGES)]) * 4
        for number in range(rounds + 1):
            for count in COUNTS if number > 0 else COUNTS[-1:]:
                lists = os.path.join(folder, "urls.txt")
                common.write_lines(lists, urls[:count])
                for name in names:
                    result = measure(name, lists, folder, expected[:count])
                    if number > 0:
                        results[name][str(count)].append(result)
            print(f"{latency} ms: round {number} of {rounds}", file=sys.stderr)
    return results


def versions():
    modules = "import sys, requests, joblib, aiohttp; print('Python', sys.version.split()[0] + ',', " \
              "*('%s %s,' % (m.__name__, m.__version__) for m in (requests, joblib, aiohttp)))"
    return f"{common.trawl_versions()}; {common.output([common.PYTHON, '-c', modules]).strip().rstrip(',')}"


# ---- what came of it ---------------------------------------------------------------------------

def median(results, name, count, key="seconds"):
    return statistics.median(m[key] for m in results[name][str(count)])


def spread(results, name, count):
    times = [m["seconds"] for m in results[name][str(count)]]
    return f"{min(times):.3f}-{max(times):.3f}"


def counts_table(results):
    shown = [1, 2, 4, 5, 8, 12, 16]
    print(f"{'seconds of fetching, URLs:':26}" + "".join(f"{count:>9}" for count in shown))
    for name in results:
        print(f"{name:26}" + "".join(f"{median(results, name, count):9.4f}" for count in shown))


def end_table(results):
    print(f"\n{'16 URLs':20} {'fetching s':>10} {'min-max':>13} {'whole s':>8} {'cpu s':>7} {'MB':>6}   of its twin")
    for name in results:
        twin = TWINS.get(name)
        ratio = f"{median(results, name, 16) / median(results, twin, 16):7.2f} × {twin}" if twin in results else ""
        print(f"{name:20} {median(results, name, 16):10.4f} {spread(results, name, 16):>13}"
              f" {median(results, name, 16, 'whole'):8.3f} {median(results, name, 16, 'cpu'):7.3f}"
              f" {median(results, name, 16, 'peak_kb') / 1024:6.1f} {ratio}")


def standing(data):
    """For each Python program, at how many of the counts it was where, beside its twin.

    Not those whose workers were started before: their twin starts its own within the time."""
    print("\nBeside its twin, counts 1 to 16: behind, level (within 2 %), ahead")
    for latency, results in data["latencies"].items():
        for name in results:
            if TWINS.get(name) not in results or name.endswith(", up"):
                continue
            ratios = [median(results, name, n) / median(results, TWINS[name], n) for n in COUNTS]
            behind, ahead = sum(r > 1.02 for r in ratios), sum(r < 0.98 for r in ratios)
            print(f"{latency:>4} ms  {name:14} {behind:3} {len(COUNTS) - behind - ahead:3} {ahead:3}"
                  f"   by {statistics.median(ratios):.3f} in the median")


def tables(data):
    print(f"{data['machine']}\n{data['versions']}\n{data['rounds']} rounds in turn, medians; "
          f"server on core {common.SERVER_CORE}, each contestant with all its processes on core "
          f"{common.CLIENT_CORE}")
    for latency, results in data["latencies"].items():
        print(f"\n---- {latency} ms until the server answers ----\n")
        counts_table(results)
        end_table(results)
    standing(data)


def panel(data, latency, **options):
    results = data["latencies"][latency]
    lines = [chart.Line(name, {**PEERS, **OURS}[name][0], [(n, median(results, name, n)) for n in COUNTS],
                        dashed=name in PEERS)
             for name in results if name not in NOT_DRAWN]
    title = f"{latency} ms until the server answers" if latency != "0" else "no latency"
    return chart.Panel(title, "number of URLs", "seconds", lines, x_ticks=COUNTS, **options)


def draw(data):
    note = (f"Medians of {data['rounds']} rounds. Solid: trawl. Dashed: Python; 'up': its worker processes "
            "were started before the clock. Made by bench/article.sh.")
    folder = os.path.join(common.ROOT, "docs")
    if "200" in data["latencies"]:
        chart.write(os.path.join(folder, "article.svg"), "Time to fetch 1 to 16 URLs", note,
                    [panel(data, "200", width=540)])
    near = [panel(data, latency, log_y=True) for latency in ("0", "20") if latency in data["latencies"]]
    if near:
        chart.write(os.path.join(folder, "article-near.svg"), "Time to fetch 1 to 16 URLs from near servers",
                    note, near)


def keep_others(data, path):
    """Latencies that were not measured this time stay, if all else was the same."""
    before = common.read_json(path) if os.path.exists(path) else {"latencies": {}}
    if all(before.get(key) == data[key] for key in ("machine", "versions", "rounds")):
        both = {**before["latencies"], **data["latencies"]}
        data["latencies"] = {latency: both[latency] for latency in sorted(both, key=int)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--latencies", default="0,20,200")
    parser.add_argument("--only", help="contestants, separated by commas; nothing is saved or drawn")
    parser.add_argument("--draw", action="store_true", help="only draw and print what was measured before")
    args = parser.parse_args()
    path = os.path.join(common.ROOT, "bench", "results", "article.json")
    if args.draw:
        data = common.read_json(path)
    else:
        common.need("taskset", "time", "timeout", "rsvg-convert")
        names = args.only.split(",") if args.only else [*PEERS, *OURS]
        data = {"machine": common.machine_line(), "versions": versions(), "rounds": args.rounds, "latencies": {}}
        with common.folder() as folder:
            for latency in args.latencies.split(","):
                data["latencies"][latency] = at_latency(latency, args.rounds, names, folder)
        if not args.only:
            keep_others(data, path)
            common.save("article.json", data)
    tables(data)
    if not args.only:
        draw(data)


if __name__ == "__main__":
    main()
