"""`trawl fetch` against nginx: many URLs, whole bodies, TLS and HTTP/2."""

import base64
import gzip
import os
import random
import shutil
import subprocess
import tempfile
import time
import unittest

from servers import LIMIT, fetch, free_ports

NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
DOCUMENTS = "/usr/share/doc/python3.11/html"
UNPACKED = 30000000  # what is packed to a thousandth

CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
worker_processes 1;
{user}
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    log_format short '$connection $server_protocol $status';
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{plain};
        location / {{ root {folder}/files; }}
        location /html/ {{ alias {documents}/; }}
    }}
    server {{
        listen 127.0.0.1:{tls} ssl http2;
        listen 127.0.0.2:{tls} ssl http2;
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        gzip on;
        location / {{ root {folder}/files; access_log {folder}/access.log short; }}
        location /html/ {{ alias {documents}/; }}
        location /packed/ {{ root {folder}; add_header Content-Encoding gzip; }}
        location /twice/ {{ alias {folder}/packed/; add_header Content-Encoding "gzip, gzip"; }}
    }}
}}
"""


def make_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
         "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"],
        check=True, capture_output=True)


def make_files(folder):
    """Files of many sizes, empty ones and big ones among them; returns {name: size}."""
    os.mkdir(f"{folder}/files")
    rng = random.Random(7)
    sizes = {}
    for i in range(300):
        size = 0 if i == 0 else 1000000 if i == 1 else rng.randrange(1, 30000)
        sizes[f"f{i}.txt"] = size
        with open(f"{folder}/files/f{i}.txt", "wb") as file:
            file.write(rng.randbytes(size))
    return sizes


def make_bombs(folder):
    os.mkdir(f"{folder}/packed")
    once = gzip.compress(bytes(UNPACKED))
    for name, data in (("bomb", once), ("twice", gzip.compress(once)), ("cut", once[:-1])):
        with open(f"{folder}/packed/{name}", "wb") as file:
            file.write(data)


class Nginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        os.chmod(cls.folder, 0o755)
        make_certificate(cls.folder)
        cls.sizes = make_files(cls.folder)
        make_bombs(cls.folder)
        cls.ca = ["--cacert", f"{cls.folder}/cert.pem"]
        # A port may be lost to another program before nginx listens on it.
        if not any(cls.start() for _ in range(5)):
            with open(f"{cls.folder}/error.log", encoding="utf-8") as file:
                raise AssertionError(f"nginx does not start: {file.read()}")
        cls.addClassCleanup(cls.stop)

    @classmethod
    def start(cls):
        cls.plain, cls.tls = free_ports(2)
        configuration = f"{cls.folder}/nginx.conf"
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(
                folder=cls.folder, documents=DOCUMENTS, plain=cls.plain, tls=cls.tls,
                user="user root;" if os.getuid() == 0 else ""))
        cls.process = subprocess.Popen(
            [NGINX, "-p", cls.folder, "-e", f"{cls.folder}/error.log", "-c", configuration],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # The process ends by itself when it cannot listen.
        for _ in range(400):
            if cls.process.poll() is not None:
                return False
            if os.path.exists(f"{cls.folder}/nginx.pid"):
                return True
            time.sleep(0.05)
        cls.stop()
        return False

    @classmethod
    def stop(cls):
        cls.process.terminate()
        cls.process.wait(LIMIT)

    def connections(self):
        with open(f"{self.folder}/access.log", encoding="utf-8") as file:
            return {line.split()[0] for line in file}

    def expect_files(self, run, names):
        self.assertEqual(run.status, 0, run.err)
        results = sorted(run.results, key=lambda r: r["index"])
        self.assertEqual([r["index"] for r in results], list(range(len(names))))
        self.assertEqual([r["bytes"] for r in results], [self.sizes[n] for n in names])
        self.assertEqual({r["status"] for r in results}, {200})
        self.assertEqual({r["tries"] for r in results}, {1})


class Plain(Nginx):
    def test_20000_urls_have_20000_results_with_their_bytes(self):
        rng = random.Random(8)
        small = [n for n, size in self.sizes.items() if size < 100000]
        names = [rng.choice(small) for _ in range(20000)]
        data = "".join(f"http://127.0.0.1:{self.plain}/{n}\n" for n in names)
        run = fetch("-i", "-", "-j", "64", "--per-host", "64", data=data)
        self.expect_files(run, names)

    def test_few_at_a_time_and_each_on_a_connection_of_its_own(self):
        names = sorted(self.sizes)
        data = "".join(f"http://127.0.0.1:{self.plain}/{n}\n" for n in names)
        self.expect_files(fetch("-i", "-", "--no-keepalive", "--per-host", "2", data=data), names)


class Documents(Nginx):
    """Debian's documentation of Python: real pages, some of them large."""

    def paths(self):
        found = []
        for folder, _, names in os.walk(DOCUMENTS, followlinks=True):
            found += [os.path.relpath(os.path.join(folder, n), DOCUMENTS)
                      for n in names if n.endswith(".html")]
        return sorted(found)

    def expect_documents(self, base, *arguments):
        paths = self.paths()
        self.assertGreater(len(paths), 500)
        data = "".join(f"{base}/html/{p}\n" for p in paths)
        run = fetch("-i", "-", "--body", *arguments, data=data)
        self.assertEqual(run.status, 0, run.err)
        results = {r["index"]: r for r in run.results}
        self.assertEqual(len(run.results), len(paths))
        for index, path in enumerate(paths):
            with open(os.path.join(DOCUMENTS, path), "rb") as file:
                expected = file.read()
            result = results[index]
            body = (base64.b64decode(result["body"]) if result["body_encoding"] == "base64"
                    else result["body"].encode())
            self.assertTrue(body == expected, path)
            self.assertEqual(result["bytes"], len(expected))
        return results.values()

    def test_all_pages_come_as_they_are_on_disk(self):
        self.expect_documents(f"http://127.0.0.1:{self.plain}")

    def test_all_pages_come_compressed_over_http2(self):
        results = self.expect_documents(f"https://127.0.0.1:{self.tls}", *self.ca)
        self.assertEqual({r["http_version"] for r in results}, {"2"})
        self.assertLess(sum(r["wire_bytes"] for r in results),
                        sum(r["bytes"] for r in results) / 2)


class Tls(Nginx):
    def url(self, name="f2.txt", host="127.0.0.1"):
        return f"https://{host}:{self.tls}/{name}"

    def expect_error(self, name, *arguments):
        run = fetch("--tries", "1", *arguments)
        self.assertEqual((run.status, run.error_names()), (5, [name]), run.err)

    def test_an_unknown_certificate_is_refused(self):
        self.expect_error("ECERT", self.url())

    def test_a_certificate_for_another_name_is_refused(self):
        self.expect_error("ECERT", *self.ca, self.url(host="127.0.0.2"))
        self.expect_error("ECERT", *self.ca, "--resolve", f"example.test:{self.tls}:127.0.0.1",
                          self.url(host="example.test"))

    def test_a_certificate_named_by_cacert_is_trusted(self):
        run = fetch(*self.ca, "--resolve", f"localhost:{self.tls}:127.0.0.1", self.url(),
                    self.url(host="localhost"))
        self.assertEqual((run.status, run.error_names()), (0, [None, None]), run.err)

    def test_insecure_trusts_every_certificate(self):
        run = fetch("--insecure", self.url(), self.url(host="127.0.0.2"))
        self.assertEqual((run.status, run.error_names()), (0, [None, None]), run.err)

    def test_the_version_of_http_can_be_chosen(self):
        for option, version in (([], "2"), (["--http2"], "2"), (["--http1.1"], "1.1")):
            with self.subTest(option):
                run = fetch(*self.ca, *option, self.url())
                self.assertEqual([r["http_version"] for r in run.results], [version])

    def test_what_unpacks_to_much_shares_a_connection(self):
        paths = ["packed/bomb", "f1.txt", "twice/twice"] * 4 + ["packed/cut"]
        sizes = [UNPACKED, self.sizes["f1.txt"], UNPACKED] * 4 + [UNPACKED]
        for strategy in ("loop", "pool", "process"):
            for version in ("--http2", "--http1.1"):
                with self.subTest(strategy=strategy, version=version):
                    run = fetch(*self.ca, "--strategy", strategy, version, "--tries", "1", "-j", "50",
                                "--per-host", "50", "--max-filesize", "100M",
                                *[self.url(path) for path in paths])
                    results = sorted(run.results, key=lambda r: r["index"])
                    self.assertEqual([r["bytes"] for r in results], sizes)
                    self.assertEqual([r["error"] and r["error"]["name"] for r in results],
                                     [None] * 12 + ["EENCODING"])
                    self.assertLess(results[0]["wire_bytes"], UNPACKED / 500)

    def test_many_fetches_share_a_connection(self):
        before = self.connections()
        names = sorted(self.sizes)
        data = "".join(self.url(n) + "\n" for n in names)
        run = fetch(*self.ca, "-i", "-", "--per-host", "50", data=data)
        self.expect_files(run, names)
        self.assertEqual({r["http_version"] for r in run.results}, {"2"})
        self.assertEqual(len(self.connections() - before), 1)


del Nginx  # not a test by itself

if __name__ == "__main__":
    unittest.main()
