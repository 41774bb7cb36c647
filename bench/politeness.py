#!/usr/bin/python3
"""Politeness: 10,000 hosts of 20 pages each, crawled with the default manners.

Each host is an address of its own, with a robots.txt of one of five kinds. What came when is judged on
the servers' clock, from their access logs: no pause may be too short, no second request may come while
one is being answered, robots.txt comes first, nothing comes that it forbids, and every allowed page
comes once. The time stands beside the bound that politeness sets: the requests of the slowest host, its
robots.txt among them, one pause apart.
"""
import argparse
import contextlib
import ipaddress
import json
import os
import sys

import common

sys.path.insert(0, os.path.join(common.ROOT, "tests"))
import site_log  # noqa: E402

WAIT = 1.0  # seconds, the default of trawl crawl
FIRST = int(ipaddress.ip_address("127.1.0.1"))
PER_PROCESS = 5000  # a server needs a descriptor for each address and for each connection
TICK = 0.008  # the kernel's clock of arrivals, twice


def address(number):
    return str(ipaddress.ip_address(FIRST + number))


@contextlib.contextmanager
def sites(folder, hosts, pages, seed):
    """Servers for so many hosts; yields their port, lists and logs, which are whole afterwards."""
    port, lists, logs = common.free_port(), [], []
    with contextlib.ExitStack() as stack:
        for first in range(0, hosts, PER_PROCESS):
            lists.append(os.path.join(folder, f"list{first}"))
            logs.append(os.path.join(folder, f"log{first}"))
            stack.enter_context(common.Server(
                [common.origin_program(), "--listen", address(first), "--port", str(port),
                 "--hosts", str(min(PER_PROCESS, hosts - first)), "--site", str(pages),
                 "--seed", str(seed), "--list", lists[-1], "--access-log", logs[-1],
                 "--max-seconds", "3600"], port, address=address(first)))
        yield port, lists, logs


def crawl(folder, seeds, options):
    listed, out = os.path.join(folder, "seeds"), os.path.join(folder, "out.jsonl")
    common.write_lines(listed, seeds)
    measure = common.timed([common.trawl(), "crawl", "-q", "--allow-private", "--format", "jsonl",
                            "-o", out, "-i", listed, *options], limit=3600, fine=(0, 8))
    with open(out, encoding="utf-8") as lines:
        return measure, [json.loads(line) for line in lines]


def bound(wanted, log):
    """Seconds from the first request to the last of the slowest host, if all pauses are kept to."""
    return max((len(answers) - 1) * max(WAIT, wanted.delays[host])
               for host, answers in log.answers.items())


def report(name, sentences, most=5):
    sentences = list(sentences)
    print(f"{name}: {len(sentences) or 'none'}")
    for sentence in sentences[:most]:
        print(f"  {sentence}")
    return len(sentences)


def judge(wanted, log, results):
    """Prints what is broken, and says how much is."""
    expected = wanted.urls("sitemap", "page", "style", "moved", "missing")
    urls = [r["url"] for r in results]
    bad = report("asked for not once, or against the rules", site_log.incomplete(wanted, log))
    bad += report("results missing", sorted(expected - set(urls)))
    bad += report("results too many", sorted(set(urls) - expected) + ["twice"] * (len(urls) - len(set(urls))))
    bad += report("robots.txt not first", site_log.robots_late(log))
    bad += report("more than one request at once", site_log.crowded(log))
    early = sorted(site_log.gaps(wanted, log, WAIT), reverse=True)
    bad += report("pauses too short", [f"{host}: by {short * 1000:.0f} ms before {url}"
                                       for short, host, url in early if short > TICK])
    connections = {host: site_log.most_at_once(spans, 50000) for host, spans in log.spans.items()}
    bad += report("more than one connection for over 50 ms",
                  [f"{host}: {most}" for host, most in connections.items() if most > 1])
    print(f"shortest pause: {-early[0][0] * 1000:+.0f} ms of what is due; {len(early)} pauses")
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=10000)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--in-flight", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    common.need("taskset", "time")
    common.raise_files()
    with common.folder() as folder:
        with sites(folder, args.hosts, args.pages, args.seed) as (port, lists, logs):
            seeds = [f"http://{address(number)}:{port}/" for number in range(args.hosts)]
            measure, results = crawl(folder, seeds, ["-j", str(args.in_flight)])
        wanted, log = site_log.Sites(*lists), site_log.Log(port, *logs)
    answers = log.all()
    first, last = min(a.arrival for a in answers), max(a.done for a in answers)
    least = bound(wanted, log)
    print(f"{args.hosts} hosts of {args.pages} pages, {args.in_flight} in flight at most:"
          f" {len(answers)} requests, {len(results)} results")
    common.machine()
    print(common.trawl_versions())
    bad = judge(wanted, log, results)
    print(f"from the first request to the last: {(last - first) / 1e6:.1f} s;"
          f" the bound of politeness: {least:.1f} s; ratio {(last - first) / 1e6 / least:.2f}")
    print(f"whole run: {measure.seconds:.1f} s, {len(answers) / measure.seconds:.0f} requests a second,"
          f" {measure.cpu:.1f} s of processor, {measure.peak_kb / 1024:.0f} MB")
    common.save("politeness.json", {
        "machine": common.machine_line(), "versions": common.trawl_versions(), "hosts": args.hosts,
        "pages": args.pages, "requests": len(answers), "seconds": (last - first) / 1e6,
        "bound": least, "run": measure.seconds, "cpu": measure.cpu, "peak_kb": measure.peak_kb,
        "breaches": bad})
    if bad:
        common.die(f"{bad} breaches")


if __name__ == "__main__":
    main()
