"""What the tests of the command share: running it, and servers on loopback that end with the test.

The environment names the programs: TRAWL and ORIGIN.
"""

import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time

TRAWL = os.environ.get("TRAWL", "build/trawl")
ORIGIN = os.environ.get("ORIGIN", "build/tests/origin")
LIMIT = 120  # seconds after which a program that hangs is ended

PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
ENVIRONMENT = {k: v for k, v in os.environ.items() if k.lower() not in PROXIES}
ENVIRONMENT["LC_ALL"] = "C.UTF-8"


class Run:
    """One finished run of `trawl fetch` or `trawl crawl`."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err.decode()

    @property
    def results(self):
        """The objects of JSON Lines; each line must be whole."""
        text = self.out.decode()  # strict: all output is UTF-8
        assert text == "" or text.endswith("\n"), text[-200:]
        return [json.loads(line) for line in text.splitlines()]

    def error_names(self):
        return [r["error"] and r["error"]["name"] for r in self.results]


def start(*arguments, command="fetch", **options):
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
               "stderr": subprocess.PIPE, "env": ENVIRONMENT, **options}
    return subprocess.Popen([TRAWL, command, *arguments], **options)


def finish(process, data=None):
    try:
        out, err = process.communicate(data, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"trawl did not end: {out[-500:]} {err[-500:]}") from None
    return Run(process.returncode, out or b"", err or b"")


def fetch(*arguments, data=None, **options):
    """Runs it to its end; data is what standard input gives, JSON Lines what comes out."""
    if data is not None:
        options["stdin"] = subprocess.PIPE
        data = data.encode() if isinstance(data, str) else data
    return finish(start("--format", "jsonl", *arguments, **options), data)


def crawl(*arguments, data=None, wait="0", **options):
    """trawl crawl in the same way, on loopback and without waits unless they are given."""
    return fetch("--allow-private", "-w", wait, *arguments, data=data, command="crawl", **options)


def read_until(stream, text):
    """What a pipe gives, up to and with the line that holds text."""
    got = b""
    while text.encode() not in got or not got.endswith(b"\n"):
        ready, _, _ = select.select([stream], [], [], LIMIT)
        more = os.read(stream.fileno(), 65536) if ready else b""
        if not more:
            raise AssertionError(f"no {text!r} in {got!r}")
        got += more
    return got


def free_ports(count):
    """Ports that were free a moment ago, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Origin:
    """tests/origin, with further arguments; url has no slash at its end."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([ORIGIN, "--max-seconds", "600", *arguments],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), line
        self.url = line.split()[2].rstrip("/")
        self.port = int(self.url.rpartition(":")[2])

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=LIMIT)


NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
NGINX_CONFIGURATION = """
daemon off; pid {folder}/nginx.pid; worker_processes 1; {user}
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


class Nginx:
    """nginx serving a folder; url has no slash at its end."""

    def __init__(self, root):
        self.folder = tempfile.TemporaryDirectory()
        os.chmod(self.folder.name, 0o755)
        # A port may be lost to another program before nginx listens on it.
        if not any(self._start(root) for _ in range(5)):
            self.folder.cleanup()
            raise AssertionError("nginx does not start")
        self.url = f"http://127.0.0.1:{self.port}"

    def _start(self, root):
        folder = self.folder.name
        self.port, = free_ports(1)
        configuration = f"{folder}/nginx.conf"
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(NGINX_CONFIGURATION.format(folder=folder, root=root, port=self.port,
                                                  user="user root;" if os.getuid() == 0 else ""))
        self.process = subprocess.Popen(
            [NGINX, "-p", folder, "-e", f"{folder}/error.log", "-c", configuration],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # The process ends by itself when it cannot listen.
        while self.process.poll() is None and not os.path.exists(f"{folder}/nginx.pid"):
            time.sleep(0.02)
        return self.process.poll() is None

    def stop(self):
        self.process.terminate()
        self.process.wait(LIMIT)
        self.folder.cleanup()


class Script:
    """A server that hands its one connection to a function, on a thread."""

    def __init__(self, serve):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(LIMIT)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self._run, args=(serve,), daemon=True)
        self.thread.start()

    def _run(self, serve):
        try:
            connection, _ = self.listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(LIMIT)
            serve(connection)

    def stop(self):
        self.listener.close()
        self.thread.join(LIMIT)
