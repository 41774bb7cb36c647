"""The same pages from one nginx by every client: what one_host.py and tls.py share.

trawl and aiohttp write their results as JSON Lines to a file; curl and wget2 throw the bodies away.
"""
import json
import os
import re
import subprocess

import common

PAGES = 1000
AIOHTTP = os.path.join(common.ROOT, "bench", "peers", "aiohttp_lines.py")


def arguments(parser):
    parser.add_argument("--urls", type=int, default=20000)
    parser.add_argument("--size", type=int, default=13500)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)


class Work:
    """The pages, the list of their URLs in each client's form, and the clients' commands.

    folder: for all files; base: scheme and authority of the URLs."""

    def __init__(self, folder, base, args, count=None):
        self.folder, self.size, self.n = folder, args.size, str(args.in_flight)
        self.count = count or args.urls
        self.root = os.path.join(folder, "www")
        os.makedirs(self.root, exist_ok=True)
        names = common.pages(self.root, PAGES, args.size)
        self.urls = [f"{base}/{names[i % PAGES]}?i={i}" for i in range(self.count)]
        self.list, self.conf, self.out = (os.path.join(folder, name) for name in
                                          (f"urls{self.count}.txt", f"curl{self.count}.conf", "out.jsonl"))
        common.write_lines(self.list, self.urls)
        common.write_lines(self.conf, (f'url = "{u}"\noutput = "/dev/null"' for u in self.urls))

    def trawl(self, *more):
        return [common.trawl(), "fetch", "-q", "-j", self.n, "--per-host", "0", "--format", "jsonl",
                "-o", self.out, "-i", self.list, *more]

    def aiohttp(self):
        return [common.PYTHON, AIOHTTP, "-j", self.n, "-o", self.out, self.list]

    def wget2(self, *more):
        return ["wget2", "-q", f"--max-threads={self.n}", "-i", self.list, *more, "-O", "/dev/null"]

    def curl(self, *more):
        return ["curl", "-s", "-Z", "--parallel-max", self.n, *more, "-K", self.conf]

    def timed_lines(self, command):
        """A client that writes JSON Lines: every result is looked at after every run."""
        measure = common.timed(command)
        check_lines(self.out, self.count, self.size)
        os.remove(self.out)
        return measure

    def check_bytes(self, command):
        """curl or wget2 once for real: what they fetch must be what trawl fetches."""
        names = os.path.join(self.folder, "check.conf")
        common.write_lines(names, (f'url = "{u}"\noutput = "{i}"' for i, u in enumerate(self.urls)))
        command = [names if word == self.conf else word for word in command]
        if command[-2:] == ["-O", "/dev/null"]:
            command = command[:-2]
        with common.folder() as into:
            subprocess.run(["timeout", "300", *command], cwd=into, check=True, env=common.ENVIRONMENT,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            sizes = [os.path.getsize(os.path.join(into, f)) for f in os.listdir(into)]
        if sum(sizes) != self.count * self.size or len(sizes) != self.count:
            common.die(f"{command[0]} fetched {len(sizes)} files, {sum(sizes)} bytes,"
                       f" and not {self.count} of {self.size}")

    def wrk(self):
        """Pages a second over two seconds."""
        text = common.output(["taskset", "-c", common.CLIENT_CORE, "wrk", "-t1", f"-c{self.n}", "-d2", self.urls[0]])
        found = re.search(r"Requests/sec:\s*([\d.]+)", text)
        if found is None or "Non-2xx" in text:
            common.die(f"wrk: {text}")
        return float(found.group(1))


def check_lines(path, count, size):
    seen = set()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            result = json.loads(line)
            if result["status"] != 200 or result["bytes"] != size or result["error"] is not None:
                common.die(f"a wrong result: {line[:300]}")
            seen.add(result["index"])
    if len(seen) != count:
        common.die(f"{len(seen)} results for {count} URLs")


def versions():
    aiohttp = common.version([common.PYTHON, "-c", "import aiohttp; print(aiohttp.__version__)"])
    return (f"{common.trawl_versions()}; curl {common.version(['curl', '--version'])},"
            f" wget2 {common.version(['wget2', '--version'])}, aiohttp {aiohttp},"
            f" wrk {common.version(['wrk', '--version'])}, nginx {common.version(['nginx', '-v'])}")
