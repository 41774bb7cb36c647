#!/usr/bin/python3
"""TLS: the same pages as one_host.py from nginx with TLS 1.3, by HTTP/1.1 and by HTTP/2.

trawl, curl -Z and wget2 in turn. Before the times are taken each client runs once while nginx logs: every
request must have come by the protocol that was asked for, and how many connections it took is shown.

    bench/tls.py [--rounds N]     into bench/results/tls.json
"""
import argparse
import collections
import os

import common
import warm

# wget2's threads each have a connection, with HTTP/2 too.
CLIENTS = {
    "1.1": (("trawl", "trawl", ["--http1.1"]), ("wget2", "wget2", ["--http2=off"]),
            ("curl -Z", "curl", ["--http1.1"])),
    "2": (("trawl", "trawl", []), ("wget2", "wget2", ["--http2=on"]), ("curl -Z", "curl", ["--http2"])),
}
LOG = "log_format bench '$server_protocol $ssl_protocol $connection';"


def certificate(folder):
    """An authority of our own and a certificate of it for 127.0.0.1: (authority, certificate, key)."""
    ca, ca_key, cert, key, request, names = (os.path.join(folder, name) for name in (
        "ca.pem", "ca.key", "cert.pem", "cert.key", "cert.csr", "names"))
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    common.run([*new, "-x509", "-days", "2", "-subj", "/CN=trawl bench", "-keyout", ca_key, "-out", ca], quiet=True)
    common.run([*new, "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", request], quiet=True)
    common.write_lines(names, ["subjectAltName=IP:127.0.0.1"])
    common.run(["openssl", "x509", "-req", "-days", "2", "-in", request, "-CA", ca, "-CAkey", ca_key,
                "-CAcreateserial", "-extfile", names, "-out", cert], quiet=True)
    return ca, cert, key


def server(folder, work, port, pair, log=None):
    cert, key = pair
    extra = (f"ssl_certificate {cert}; ssl_certificate_key {key}; ssl_protocols TLSv1.3;"
             f" http2_max_concurrent_streams 128; {f'access_log {log} bench;' if log else ''}")
    return common.nginx(folder, work.root, port, extra=extra, http=LOG, tls="ssl http2")


def commands(work, ca):
    """{(client, protocol): command}"""
    trust = {"trawl": ["--cacert", ca], "curl": ["--cacert", ca], "wget2": [f"--ca-certificate={ca}"]}
    return {(name, protocol): getattr(work, client)(*trust[client], *more)
            for protocol, clients in CLIENTS.items() for name, client, more in clients}


def verify(folder, work, port, pair, contestants):
    """Bytes, protocols and connections, by nginx's log of one run each: {(client, protocol): connections}"""
    connections = {}
    for (name, protocol), command in contestants.items():
        log = os.path.join(folder, "access.log")
        with server(folder, work, port, pair, log):
            if name == "trawl":
                work.timed_lines(command)
            else:
                work.check_bytes(command)
        with open(log, encoding="ascii") as lines:
            seen = [line.split() for line in lines]
        os.remove(log)
        kinds = collections.Counter((http, tls) for http, tls, _ in seen)
        wanted = ("HTTP/2.0" if protocol == "2" else "HTTP/1.1", "TLSv1.3")
        if set(kinds) != {wanted} or len(seen) < work.count:
            common.die(f"{name} with HTTP/{protocol}: {dict(kinds)}")
        connections[name, protocol] = len({connection for _, _, connection in seen})
    return connections


def measured(args, folder):
    port = common.free_port()
    work = warm.Work(folder, f"https://127.0.0.1:{port}", args)
    ca, *pair = certificate(folder)
    contestants = commands(work, ca)
    connections = verify(folder, work, port, pair, contestants)
    with server(folder, work, port, pair):
        results = common.rounds({
            which: (lambda command=command, take=work.timed_lines if which[0] == "trawl" else common.timed:
                    take(command)) for which, command in contestants.items()}, args.rounds)
    return results, connections


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    warm.arguments(parser)
    args = parser.parse_args()
    common.need("nginx", "curl", "wget2", "wrk", "openssl", "taskset", "time")
    with common.folder() as folder:
        results, connections = measured(args, folder)
    print(f"{args.urls} pages of {args.size} bytes from one host by TLS 1.3, {args.in_flight} at a time,"
          f" {args.rounds} rounds in turn")
    common.machine()
    print(warm.versions())
    saved = {}
    for protocol in CLIENTS:
        here = {name: measures for (name, p), measures in results.items() if p == protocol}
        print(f"HTTP/{protocol}; connections: "
              + ", ".join(f"{name} {n}" for (name, p), n in connections.items() if p == protocol))
        common.table(here, args.urls)
        saved[protocol] = common.raw(here)
    common.save("tls.json", {"machine": common.machine_line(), "versions": warm.versions(), "urls": args.urls,
                             "size": args.size, "in_flight": args.in_flight, "results": saved, "connections":
                             {" ".join(which): n for which, n in connections.items()}})


if __name__ == "__main__":
    main()
