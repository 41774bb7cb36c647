#!/usr/bin/python3
"""One host, warm connections: the same pages from nginx by trawl, curl -Z and wget2, in turn.

trawl writes its results as JSON Lines to a file; curl and wget2 throw the bodies away. wrk, which
parses nothing, shows what the server can do.
"""
import argparse
import json
import os
import subprocess

import common


def urls_for(names, port, count):
    return [f"http://127.0.0.1:{port}/{names[i % len(names)]}?i={i}" for i in range(count)]


def check_jsonl(path, count, size):
    seen = set()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            result = json.loads(line)
            if result["status"] != 200 or result["bytes"] != size or result["error"] is not None:
                common.die(f"a wrong result: {line[:200]}")
            seen.add(result["index"])
    if len(seen) != count:
        common.die(f"{len(seen)} results for {count} URLs")


def check_folder_bytes(command, count, size, folder):
    """curl and wget2 once for real: what they fetch must be what trawl fetches."""
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    files = os.listdir(folder)
    total = sum(os.path.getsize(os.path.join(folder, f)) for f in files)
    if total != count * size:
        common.die(f"{command[0]} fetched {total} bytes and not {count * size}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--urls", type=int, default=20000)
    parser.add_argument("--size", type=int, default=13500)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    common.need("nginx", "curl", "wget2", "wrk", "taskset", "time")
    program, n = common.trawl(), str(args.in_flight)
    with common.folder() as folder:
        root = os.path.join(folder, "www")
        os.mkdir(root)
        names = common.pages(root, 1000, args.size)
        port = common.free_port()
        urls = urls_for(names, port, args.urls)
        lists = os.path.join(folder, "urls.txt")
        curl_conf, curl_check = os.path.join(folder, "curl.conf"), os.path.join(folder, "check.conf")
        out = os.path.join(folder, "out.jsonl")
        with open(lists, "w", encoding="ascii") as f:
            f.writelines(u + "\n" for u in urls)
        with open(curl_conf, "w", encoding="ascii") as f:
            f.writelines(f'url = "{u}"\noutput = "/dev/null"\n' for u in urls)
        with open(curl_check, "w", encoding="ascii") as f:
            f.writelines(f'url = "{u}"\noutput = "{i}"\n' for i, u in enumerate(urls))
        fetch = [program, "fetch", "-q", "-j", n, "--per-host", "0", "--format", "jsonl", "-o", out, "-i", lists]
        curl = ["curl", "-s", "-Z", "--parallel-max", n, "-K"]
        wget2 = ["wget2", "-q", f"--max-threads={n}", "-i", lists]
        with common.nginx(folder, root, port):
            for command in ([*curl, curl_check], wget2):
                with common.folder() as into:
                    check_folder_bytes(command, args.urls, args.size, into)
            results = common.rounds({
                "trawl": lambda: common.timed(fetch),
                "wget2": lambda: common.timed([*wget2, "-O", "/dev/null"]),
                "curl -Z": lambda: common.timed([*curl, curl_conf]),
            }, args.rounds)
            check_jsonl(out, args.urls, args.size)
            wrk = common.version(["taskset", "-c", common.CLIENT_CORE, "wrk", "-t1", f"-c{n}", "-d3", urls[0]],
                                 r"Requests/sec:\s*([\d.]+)")
        print(f"{args.urls} pages of {args.size} bytes from one host, {n} at a time, {args.rounds} rounds in turn")
        common.machine()
        print(f"trawl with libcurl {common.version([program, '--version'], 'libcurl ([0-9.]+)')},"
              f" curl {common.version(['curl', '--version'])}, wget2 {common.version(['wget2', '--version'])},"
              f" nginx {common.version(['nginx', '-v'])}")
        common.table(results, args.urls)
        print(f"wrk, the ceiling: {wrk}")


if __name__ == "__main__":
    main()
