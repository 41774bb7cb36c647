"""What the benchmarks share: servers, pinning, rounds in turn, medians, versions.

The server has one core, the client the other. Every contestant fetches the same URLs in each round,
one after another, so that a slow moment of the machine hits all of them; medians are taken over the
rounds, and ratios are taken within a run. Every contestant must have fetched every byte, or the run
fails: failing fast cannot win.
"""
import functools
import json
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SERVER_CORE, CLIENT_CORE = "0", "1"
PYTHON = "/usr/bin/python3"  # Debian's, which sees Debian's packages
# What is on loopback is asked for without a proxy.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def die(text):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {text}")


@functools.lru_cache(maxsize=None)
def trawl():
    """The release build of this tree."""
    build = os.environ.get("TRAWL_BENCH_BUILD", os.path.join(ROOT, "build-bench"))
    if not os.path.isdir(build):
        run(["meson", "setup", build, ROOT, "--buildtype=release"], quiet=True)
    run(["ninja", "-C", build, "trawl", "tests/origin"], quiet=True)
    return os.path.join(build, "trawl")


def built(program, name):
    """Another program of the build that trawl is of."""
    build = os.path.dirname(program)
    run(["ninja", "-C", build, name], quiet=True)
    return os.path.join(build, name)


def origin_program():
    return os.path.join(os.path.dirname(trawl()), "tests", "origin")


def origin(port, hosts=1):
    """The test web server on so many addresses from 127.0.0.1 on; it ends itself after two hours."""
    return Server([origin_program(), "--port", str(port), "--hosts", str(hosts),
                   "--max-seconds", "7200"], port)


def run(command, quiet=False):
    done = subprocess.run(command, stdout=subprocess.PIPE if quiet else None,
                          stderr=subprocess.STDOUT if quiet else None, text=True, check=False)
    if done.returncode != 0:
        die(f"{' '.join(command)} failed\n{done.stdout or ''}")


def need(*programs):
    missing = [p for p in programs if shutil.which(p) is None]
    if missing:
        die(f"missing {', '.join(missing)}; scripts/packages.sh lists the packages")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, seconds=5, address="127.0.0.1"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as s:
            if s.connect_ex((address, port)) == 0:
                return
        time.sleep(0.02)
    die(f"nothing listens on port {port}")


class Server:
    """A server process on its core, ended with the block."""

    def __init__(self, command, port, core=SERVER_CORE, address="127.0.0.1"):
        self.command, self.port, self.core, self.address = command, port, core, address

    def __enter__(self):
        self.process = subprocess.Popen(["taskset", "-c", self.core, *self.command],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.port, address=self.address)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


def nginx(folder, root, port, extra="", core=SERVER_CORE, http="", tls=""):
    """nginx with one worker serving a folder; extra goes into the server block, http before it, tls
    into the listen line."""
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w", encoding="ascii") as out:
        out.write(f"""
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 16000; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
  open_file_cache max=5000; types {{ text/html html; }} default_type application/octet-stream;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  {http}
  server {{ listen 127.0.0.1:{port} {tls} backlog=4096; root {root}; {extra} }}
}}""")
    return Server(["nginx", "-p", folder, "-c", conf], port, core)


def pages(folder, count, size):
    """count files of size bytes each; returns their names."""
    names = []
    for i in range(count):
        text = f"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Page {i}</title></head>\n<body>\n"
        line = f"<p>Page {i} has <a href=\"/p{(i + 1) % count}.html\">a link</a> and some words.</p>\n"
        text += line * ((size - len(text)) // len(line) + 1)
        name = f"p{i}.html"
        with open(os.path.join(folder, name), "w", encoding="ascii") as out:
            out.write(text[:size])
        names.append(name)
    return names


class Measure:
    def __init__(self, seconds, cpu, peak_kb, switches):
        self.seconds, self.cpu, self.peak_kb, self.switches = seconds, cpu, peak_kb, switches


def timed(command, stdout=subprocess.DEVNULL, cwd=None, core=CLIENT_CORE, limit=600, fine=(0,)):
    """Runs a client on its core: wall time, processor time, peak memory (of the largest process),
    context switches. fine: the statuses that it may end with.

    GNU time stands between, because a process that this interpreter starts would begin with the
    interpreter's memory as its peak."""
    with tempfile.NamedTemporaryFile("r", prefix="trawl-time-") as usage:
        begin = time.monotonic()
        done = subprocess.run(["taskset", "-c", core, "timeout", str(limit), "time", "-q",
                               "-o", usage.name, "-f", "%U %S %M %w %c", *command],
                              stdout=stdout, stderr=subprocess.PIPE, env=ENVIRONMENT, cwd=cwd,
                              check=False)
        seconds = time.monotonic() - begin
        if done.returncode not in fine:
            die(f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-400:]}")
        user, system, peak_kb, gave_up, was_taken = usage.read().split()
    return Measure(seconds, float(user) + float(system), int(peak_kb), int(gave_up) + int(was_taken))


def rounds(contestants, count):
    """contestants: {name: function that runs once and returns a Measure}; a warm-up round first."""
    results = {name: [] for name in contestants}
    for number in range(count + 1):
        for name, contestant in contestants.items():
            measure = contestant()
            if number > 0:
                results[name].append(measure)
    return results


def median(measures, key="seconds"):
    return statistics.median(getattr(m, key) for m in measures)


def raw(results):
    """What rounds() gave, for save()."""
    keys = ("seconds", "cpu", "peak_kb", "switches")
    return {name: {key: [getattr(m, key) for m in measures] for key in keys}
            for name, measures in results.items()}


def ratios(results, first, others):
    """The median of one beside those of others."""
    for other in others:
        print(f"{first} / {other}: {median(results[first]) / median(results[other]):.2f}")


def table(results, work, first="trawl"):
    base = median(results[first])
    print(f"{'':12} {'median s':>9} {'min':>7} {'max':>7} {'per s':>9} {'cpu s':>7} {'MB':>6}   {first} / it")
    for name, measures in results.items():
        times = [m.seconds for m in measures]
        print(f"{name:12} {median(measures):9.3f} {min(times):7.3f} {max(times):7.3f}"
              f" {work / median(measures):9.0f} {median(measures, 'cpu'):7.3f}"
              f" {median(measures, 'peak_kb') / 1024:6.1f}   {base / median(measures):.2f}")


def version(command, pattern=r"\d+\.\d+[\w.]*"):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    found = re.search(pattern, done.stdout)
    return found.group(found.lastindex or 0) if found else "?"


def machine_line():
    with open("/proc/cpuinfo", encoding="ascii") as info:
        model = re.search(r"model name\s*: (.*)", info.read())
    return (f"{os.cpu_count()} cores, {model.group(1) if model else '?'};"
            f" Linux {os.uname().release.split('-')[0]}")


def machine():
    print(f"{machine_line()}; server on core {SERVER_CORE}, client on core {CLIENT_CORE}")


def trawl_versions():
    return re.sub(r"\s+", " ", output([trawl(), "--version"]).splitlines()[0])


def output(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, check=False)
    if done.returncode != 0:
        die(f"{' '.join(command)} failed")
    return done.stdout


def write_lines(path, lines):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines)


def read_json(path):
    with open(path, encoding="utf-8") as text:
        return json.load(text)


def save(name, data):
    """Raw results go to bench/results/, or where TRAWL_BENCH_RESULTS says."""
    path = os.path.join(os.environ.get("TRAWL_BENCH_RESULTS") or os.path.join(ROOT, "bench", "results"), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        json.dump(data, out, separators=(",", ":"))
        out.write("\n")


def summary_seconds(path):
    """The time of the fetching from --stats: `seconds` has milliseconds, the rate has more digits."""
    summary = read_json(path)
    return summary["urls"] / summary["urls_per_second"]


def raise_files():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def folder(where=None):
    return tempfile.TemporaryDirectory(prefix="trawl-bench-", dir=where)
