#!/usr/bin/python3
"""A whole site: python3.11-doc from nginx, crawled by trawl, wget2 -r and Scrapy, in turn.

Robots and waits are off, and each has a core. trawl writes its results as JSON Lines; wget2 throws the
bodies away, which is faster than its files in memory, or --delete-after; Scrapy does the same. Before
the rounds each crawls once while nginx logs: they must ask for the same URLs, each once, and get the
same bytes.
"""
import argparse
import os
import re
import urllib.parse

import common

DOCUMENTS = "/usr/share/doc/python3.11/html"
MEMORY = "/dev/shm"
TYPES = """types { text/html html; text/css css; text/plain txt; application/javascript js;
                   image/png png; image/svg+xml svg; image/x-icon ico; text/xml xml; }"""
REQUEST = re.compile(r'"GET (\S+) HTTP/[0-9.]+" (\d+) (\d+)')


def contestants(args, url, folder):
    """Commands by name."""
    n = str(args.in_flight)
    commands = {
        "trawl": [common.trawl(), "crawl", "-q", "--allow-private", "--no-robots", "-w", "0",
                  "--no-adaptive-wait", "-j", n, "--per-host", n, "--format", "jsonl",
                  "-o", os.path.join(folder, "out.jsonl"), url],
        "wget2": ["wget2", "-q", "-r", "-l", "inf", "--robots=off", f"--max-threads={args.wget2_threads}",
                  "-O", "/dev/null", url],
    }
    if args.scrapy:
        spider = os.path.join(common.ROOT, "bench", "peers", "scrapy_site.py")
        commands["scrapy"] = [common.PYTHON, spider, url, n]
    return commands


def once(command, folder):
    """8 is what trawl and wget2 end with when a link is dead, as one is."""
    return common.timed(command, cwd=folder, fine=(0, 8))


def requests(log):
    """{path: (status, bytes)} of nginx's log; none may be there twice."""
    with open(log, encoding="utf-8") as lines:
        found = REQUEST.findall(lines.read())
    seen = {path: (int(status), int(size)) for path, status, size in found}
    if len(seen) != len(found):
        common.die(f"{len(found) - len(seen)} requests came twice")
    return seen


def check(args, folder):
    """What each asks for in a run that is not timed."""
    asked = {}
    for name in contestants(args, "", folder):
        port, log = common.free_port(), os.path.join(folder, f"{name}.log")
        url = f"http://127.0.0.1:{port}/"
        with common.nginx(folder, args.root, port, f"{TYPES} access_log {log} combined;"):
            once(contestants(args, url, folder)[name], folder)
        asked[name] = requests(log)
    return asked


def same(asked):
    """Ends the benchmark when two have not asked for the same."""
    ours = asked["trawl"]
    for name, theirs in asked.items():
        for path in sorted(set(ours) ^ set(theirs)):
            print(f"{'trawl' if path in ours else name} alone asks for {urllib.parse.unquote(path)}")
        if ours != theirs:
            common.die(f"{name} and trawl do not fetch the same")
    print(f"each asks for the same {len(ours)} URLs once,"
          f" {sum(size for _, size in ours.values()) / 1e6:.1f} MB")
    return len(ours)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=DOCUMENTS)
    parser.add_argument("--in-flight", type=int, default=16)
    parser.add_argument("--wget2-threads", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-scrapy", dest="scrapy", action="store_false")
    args = parser.parse_args()
    common.need("nginx", "wget2", "taskset", "time", *(["scrapy"] if args.scrapy else []))
    with common.folder() as folder, common.folder(MEMORY) as memory:
        os.chmod(folder, 0o755)
        count = same(check(args, memory))
        port = common.free_port()
        with common.nginx(folder, args.root, port, TYPES):
            commands = contestants(args, f"http://127.0.0.1:{port}/", memory)
            results = common.rounds({name: lambda command=command: once(command, memory)
                                     for name, command in commands.items()}, args.rounds)
    print(f"{args.root}, {args.rounds} rounds in turn;"
          f" trawl with {args.in_flight} in flight, wget2 with {args.wget2_threads} threads")
    common.machine()
    print(f"{common.trawl_versions()}; wget2 {common.version(['wget2', '--version'])},"
          f" nginx {common.version(['nginx', '-v'])}"
          + (f", Scrapy {common.version(['scrapy', 'version'])}" if args.scrapy else ""))
    common.table(results, count)
    ratio = common.median(results["trawl"]) / common.median(results["wget2"])
    print(f"trawl / wget2: {ratio:.2f} (to reach: 0.60)")
    common.save("crawl.json", {"machine": common.machine_line(), "versions": common.trawl_versions(),
                               "root": args.root, "urls": count, "results": common.raw(results)})


if __name__ == "__main__":
    main()
