"""The test web server on many loopback addresses, for benchmarks with many hosts.

One process listens on at most 15,000 addresses (descriptors are limited); several of them on ports
of their own make more hosts: a host here is scheme, address and port.
"""
import contextlib
import ipaddress

import common

PER_PROCESS = 15000
SIZE = 1000  # of a page
FIRST = int(ipaddress.ip_address("127.0.0.1"))


def address(number):
    return str(ipaddress.ip_address(FIRST + number))


@contextlib.contextmanager
def many(count, per_process=PER_PROCESS, seconds=1800):
    """Servers for count hosts; yields "ADDRESS:PORT" of each."""
    with contextlib.ExitStack() as stack:
        hosts = []
        while len(hosts) < count:
            here = min(per_process, count - len(hosts))
            port = common.free_port()
            stack.enter_context(common.Server(
                [common.origin_program(), "--hosts", str(here), "--port", str(port),
                 "--max-seconds", str(seconds)], port))
            hosts += [f"{address(n)}:{port}" for n in range(here)]
        yield hosts


def fetch(program, lists, out, in_flight, stats, *more):
    return [program, "fetch", "-q", "-j", str(in_flight), "--per-host", "0", "--format", "jsonl",
            "-o", out, "-i", lists, "--stats", stats, *more]
