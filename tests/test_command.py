"""`trawl fetch` from outside: exit statuses, standard input, files, signals, secrets."""

import csv
import io
import json
import os
import resource
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

from servers import Origin, Script, fetch, finish, read_until, start


class Command(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        cls.url = cls.origin.url

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def closed(self):
        """A URL that refuses connections: its port is taken, and nothing listens."""
        holder = socket.socket()
        self.addCleanup(holder.close)
        holder.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{holder.getsockname()[1]}/"


class ExitStatus(Command):
    def expect(self, status, *arguments, **options):
        run = fetch("--tries", "1", *arguments, **options)
        self.assertEqual(run.status, status, run.err)
        return run

    def test_0_when_all_is_fetched(self):
        run = self.expect(0, f"{self.url}/a", f"{self.url}/b?n=3", f"{self.url}/?status=399")
        self.assertEqual(sorted(r["status"] for r in run.results), [200, 200, 399])

    def test_1_for_any_other_failure(self):
        cases = [
            ("EURL", ["http://[::1/"]),
            ("ESCHEME", ["ftp://127.0.0.1/"]),
            ("EREDIRECTS", ["--max-redirs", "3", f"{self.url}/?loop=1"]),
            ("EBODYSIZE", ["--max-filesize", "99", f"{self.url}/?size=100"]),
            ("EHEADERSIZE", ["--max-header-size", "5000", f"{self.url}/?header-size=9000"]),
        ]
        for name, arguments in cases:
            with self.subTest(name):
                self.assertEqual(self.expect(1, *arguments).error_names(), [name])

    def test_2_for_wrong_usage(self):
        for arguments in (["--no-such-option"], ["--format", "xml", self.url], [],
                          ["--concurrency", "0", self.url], ["--header", "no colon", self.url]):
            with self.subTest(arguments):
                run = self.expect(2, *arguments)
                self.assertEqual((run.out, run.err.count("\n")), (b"", 1))

    def test_3_for_a_file_that_cannot_be_read(self):
        run = self.expect(3, "-i", self.path("none"))
        self.assertIn(self.path("none"), run.err)
        self.expect(3, "-i", self.folder)

    def test_3_for_a_file_that_cannot_be_written(self):
        self.expect(3, "-o", self.path("none/x"), self.url)
        self.expect(3, "-o", "/dev/full", self.url)
        self.expect(3, "--stats", "/dev/full", self.url)
        with open("/dev/full", "wb") as full:
            self.expect(3, self.url, stdout=full)

    def test_3_when_the_output_is_full_in_the_midst(self):
        data = f"{self.url}/?size=100000\n" * 500
        run = self.expect(3, "-i", "-", "--body", "-o", "/dev/full", data=data)
        self.assertIn("/dev/full", run.err)

    def test_3_and_no_message_when_the_reader_has_gone(self):
        read, write = os.pipe()
        os.close(read)
        try:
            run = self.expect(3, "-q", self.url, stdout=write)
        finally:
            os.close(write)
        self.assertEqual(run.err, "")

    def test_4_for_network_failures(self):
        cases = [
            ("ECONNECT", [self.closed()]),
            ("ERESET", [f"{self.url}/?reset=20"]),
            ("EEMPTY", [f"{self.url}/?noreply=1"]),
            ("ETRUNCATED", [f"{self.url}/?length=5000&size=1000"]),
            ("ETIMEDOUT", ["--timeout", "0.3", f"{self.url}/?stall=0"]),
            ("ERESOLVE", [f"http://{'a' * 64}.invalid/"]),
        ]
        for name, arguments in cases:
            with self.subTest(name):
                self.assertEqual(self.expect(4, *arguments).error_names(), [name])

    def test_5_for_tls_failures(self):
        def serve(connection):
            connection.recv(5)
            connection.sendall(b"HTTP/1.1 400 No TLS here\r\n\r\n")

        server = Script(serve)
        self.addCleanup(server.stop)
        run = self.expect(5, f"https://127.0.0.1:{server.port}/")
        self.assertEqual(run.error_names(), ["ETLS"])

    def test_6_when_a_password_is_asked_for(self):
        self.expect(6, f"{self.url}/?auth=basic")
        self.expect(6, f"{self.url}/?status=407")

    def test_7_for_protocol_errors(self):
        cases = [("EPROTOCOL", "malformed=status"), ("EPROTOCOL", "malformed=chunksize"),
                 ("EENCODING", "badgzip=1"), ("ELOCATION", "status=302&to=ftp%3A%2F%2Fx%2F")]
        for name, query in cases:
            with self.subTest(query):
                self.assertEqual(self.expect(7, f"{self.url}/?{query}").error_names(), [name])

    def test_8_for_error_statuses(self):
        for status in (400, 403, 404, 410, 500, 503):
            with self.subTest(status):
                run = self.expect(8, f"{self.url}/?status={status}")
                self.assertEqual(run.results[0]["status"], status)
                self.assertIsNone(run.results[0]["error"])

    def test_the_lowest_of_2_to_9_wins(self):
        other, network = "ftp://127.0.0.1/", self.closed()
        auth, protocol, status = (f"{self.url}/?{q}" for q in
                                  ("auth=basic", "malformed=status", "status=404"))
        self.expect(8, other, self.url, status)
        self.expect(7, other, status, protocol)
        self.expect(6, other, status, protocol, auth)
        self.expect(4, other, status, protocol, auth, network)
        self.expect(3, "-i", self.path("none"), other, status, protocol, auth, network)

    def test_every_fault_has_one_result(self):
        run = self.expect(4, *(f"{self.url}/?{q}" for q in
                               ("reset=5", "status=500", "malformed=version", "badgzip=1")),
                          "nonsense://", self.closed())
        self.assertEqual(sorted(r["index"] for r in run.results), list(range(6)))


class Input(Command):
    def test_operands_come_before_files_in_the_order_given(self):
        with open(self.path("a"), "w", encoding="utf-8") as file:
            file.write(f"# a list\n\n  {self.url}/2  \r\n{self.url}/3")
        with open(self.path("b"), "w", encoding="utf-8") as file:
            file.write(f"{self.url}/4\n")
        run = fetch("-i", self.path("a"), f"{self.url}/0", "-i", self.path("b"),
                    f"{self.url}/1")
        got = {r["index"]: r["url"] for r in run.results}
        self.assertEqual(got, {i: f"{self.url}/{i}" for i in range(5)})

    def test_a_list_is_fetched_as_it_stands(self):
        before = self.origin_requests()
        run = fetch("-i", "-", data=f"{self.url}/same\n" * 50)
        self.assertEqual(sorted(r["index"] for r in run.results), list(range(50)))
        self.assertEqual(self.origin_requests() - before, 51)

    def origin_requests(self):
        stats = json.loads(fetch("--body", f"{self.url}/stats").results[0]["body"])
        return stats["requests"]

    def test_a_pipe_is_read_as_it_comes(self):
        process = start("--format", "jsonl", "-i", "-", stdin=subprocess.PIPE)
        for i in range(3):
            process.stdin.write(f"{self.url}/{i}\n".encode())
            process.stdin.flush()
            line = read_until(process.stdout, "\n")
            self.assertEqual(json.loads(line)["index"], i)
        self.assertEqual(finish(process).status, 0)

    def test_all_lines_come_out_whatever_is_in_them(self):
        lines = [
            b"http:///", b"http://", b"//", b":", b"http://:80/", b"http://@/", b"http://h:99999/",
            b"http://127.0.0.1:1/" + b"a" * 70000, b"x" * 70000, b"http://" + b"b" * 70000 + b"/",
            b"http://127.0.0.1:1/\0nul", b"\0", b"http://\0/", b"http://127.0.0.1:1/\x01\x1b[31m",
            b"\xff\xfe", b"http://\xff/", b"ftp://127.0.0.1/", b"file:///etc/passwd",
            b"javascript:alert(1)", b"data:,x", b"http://127.0.0.1:1/a b c", b"http://a b/",
            "http://b\u00fccher.invalid:1/".encode(), b"http://xn--a/", b"http://[::1]:1/",
            b"http://[::1", b"http://[::g]/", b"http://user:secret@127.0.0.1:1/",
            b"http://user:secret@[::g]/", b"HTTP://127.1:1/", b"http://0x7f.1:1/",
            b"http://127.0.0.1:1/%zz%00", b"http:\\\\127.0.0.1:1\\", b"http:127.0.0.1:1",
            b"127.0.0.1:1", b"127.0.0.1:1/path", b"--help",
        ]
        # Names that are names are known here: no server of names is asked.
        run = fetch("--tries", "1", "--resolve", "xn--bcher-kva.invalid:1:127.0.0.1",
                    "--resolve", "--help:80:127.0.0.1", "-i", "-", data=b"\n".join(lines) + b"\n")
        self.assertEqual(sorted(r["index"] for r in run.results), list(range(len(lines))))
        self.assertNotIn(None, run.error_names())
        self.assertNotIn(b"secret", run.out)
        self.assertNotIn(b"\x1b", run.out)

    def test_a_line_over_a_mebibyte_has_a_result_of_its_own(self):
        data = f"{self.url}/a\n{self.url}/{'x' * (3 << 20)}\n{self.url}/b\n"
        run = fetch("-i", "-", data=data)
        errors = {r["index"]: r["error"] and r["error"]["name"] for r in run.results}
        self.assertEqual(errors, {0: None, 1: "EURL", 2: None})


class Descriptors(Command):
    """64 at the most, for 1,000 fetches."""

    @staticmethod
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    def expect_all(self, urls, *arguments):
        run = fetch("-i", "-", "-j", "200", "--tries", "1", "--stats", self.path("stats"), *arguments,
                    data="".join(u + "\n" for u in urls), preexec_fn=self.limit)
        self.assertEqual([r for r in run.results if r["error"]], [])
        self.assertEqual((run.status, len(run.results)), (0, len(urls)), run.err)

    def test_the_loop_waits_for_one(self):
        self.expect_all([f"{self.url}/{i}?latency=20" for i in range(1000)], "--per-host", "200")

    def test_idle_connections_give_way(self):
        origins = [Origin() for _ in range(8)]
        for origin in origins:
            self.addCleanup(origin.stop)
        self.expect_all([f"{origin.url}/{i}?latency=5" for i in range(125) for origin in origins],
                        "--per-host", "25")

    def test_names_wait_for_one_too(self):
        self.expect_all([f"http://localhost:{self.origin.port}/{i}?latency=20" for i in range(1000)],
                        "--per-host", "200")

    def test_blocking_strategies_get_along(self):
        for strategy in ("pool", "batch", "sequential"):
            with self.subTest(strategy):
                self.expect_all([f"{self.url}/{i}" for i in range(200)], "--strategy", strategy)


class Output(Command):
    def test_a_file_gets_the_results(self):
        run = fetch("-o", self.path("out"), "--stats", self.path("stats"), f"{self.url}/x")
        self.assertEqual((run.status, run.out), (0, b""))
        with open(self.path("out"), encoding="utf-8") as file:
            self.assertEqual(json.loads(file.read())["url"], f"{self.url}/x")
        with open(self.path("stats"), encoding="utf-8") as file:
            stats = json.load(file)
        self.assertEqual((stats["urls"], stats["ok"], stats["exit_status"]), (1, 1, 0))

    def test_quiet_says_nothing(self):
        run = fetch("-q", f"{self.url}/x", self.closed(), "--tries", "1")
        self.assertEqual((run.err, len(run.results)), ("", 2))

    def test_each_format_has_a_record_a_url(self):
        urls = [f"{self.url}/?title=a%2Cb%22c&body=%C3%A9%0A%1B%5B31m%22%2C", f"{self.url}/b"]
        text = finish(start("-q", *urls)).out.decode()
        self.assertEqual(len(text.splitlines()), 2)
        self.assertNotIn("\x1b", text)
        rows = list(csv.reader(io.StringIO(finish(start("-q", "--format", "csv", *urls)).out.decode(),
                                           newline="")))
        self.assertEqual(len(rows), 3)
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})
        column = rows[0].index("excerpt")
        self.assertIn("\u00e9\n\x1b[31m\",", [row[column] for row in rows[1:]])

    def test_the_body_comes_whole(self):
        run = fetch("--body", f"{self.url}/?body=%FF%00%80", f"{self.url}/?body=%C3%A9%00")
        got = {r["index"]: (r["body_encoding"], r["body"], r["bytes"]) for r in run.results}
        self.assertEqual(got, {0: ("base64", "/wCA", 3), 1: ("utf-8", "\u00e9\0", 3)})


    def test_large_bodies_come_whole_and_one_after_another(self):
        sizes = [12_000_000, 10, 5_000_000, 300_000, 20, 9_000_000]
        urls = [f"{self.url}/{i}?size={n}" for i, n in enumerate(sizes)]
        bomb = f"{self.url}/?bomb=4000000"
        run = fetch("--body", "-o", self.path("out"), "--stats", self.path("stats"), *urls, bomb,
                    f"{self.url}/?body=%FF")
        self.assertEqual(run.status, 0, run.err)
        with open(self.path("out"), encoding="utf-8") as file:
            got = {r["index"]: r for r in map(json.loads, file)}
        self.assertEqual([len(got[i]["body"]) for i in range(6)], sizes)
        self.assertEqual({len(r["body"].encode()) == r["bytes"] for r in got.values()
                          if r["body_encoding"] == "utf-8"}, {True})
        self.assertEqual(got[6]["body"], "\0" * 4000000)
        self.assertEqual((got[7]["body"], got[7]["body_encoding"]), ("/w==", "base64"))
        whole = fetch("--body", urls[0]).results[0]["body"]
        self.assertEqual(got[0]["body"], whole)

    def test_a_slow_reader_gets_a_large_body_whole(self):
        process = start("-q", "--format", "jsonl", "--body", f"{self.url}/?size=20000000",
                        f"{self.url}/b?size=10")
        out = os.read(process.stdout.fileno(), 100_000)
        process.send_signal(signal.SIGINT)  # what was fetched is still written
        run = finish(process)
        lines = (out + run.out).split(b"\n")
        self.assertEqual(lines[-1], b"")
        got = {r["index"]: r for r in map(json.loads, lines[:-1])}
        self.assertEqual((len(got[0]["body"].encode()), got[0]["bytes"]), (20000000, 20000000))
        self.assertEqual(len(got), 2)

    def test_the_full_disk_ends_a_large_body(self):
        run = fetch("--body", "-o", "/dev/full", f"{self.url}/?size=20000000")
        self.assertEqual(run.status, 3)
        self.assertIn("/dev/full", run.err)


class Secrets(Command):
    SECRET = "hunter2secret"

    def test_no_format_and_no_log_shows_a_password(self):
        user = f"alice:{self.SECRET}@"
        urls = [
            f"http://{user}127.0.0.1:{self.origin.port}/?auth=basic",
            f"http://{user}127.0.0.1:{self.origin.port}/?n=2",
            f"http://{user}[::g]/",
            f"http://{user}/",
            f"ftp://{user}127.0.0.1/",
            f"  http:\\\\{user}127.0.0.1:1",
            f"http://alice:x@{self.SECRET}@127.0.0.1:1/",
        ]
        listed = self.path("list")
        with open(listed, "w", encoding="utf-8") as file:
            file.write("\n".join(urls))
        for form in ("text", "jsonl", "csv"):
            with self.subTest(form):
                run = finish(start(
                    "--format", form, "--tries", "2", "--retry-delay", "0", "-v", "-v",
                    "--progress", "always", "--stats", self.path("stats"), "-i", listed,
                    "--header", f"Authorization: Bearer {self.SECRET}",
                    "--header", f"Cookie: id={self.SECRET}"))
                with open(self.path("stats"), encoding="utf-8") as file:
                    self.expect_hidden(run, file.read())
                self.assertIn("***@127.0.0.1", run.out.decode())
                self.assertIn("***@127.0.0.1", run.err)

    def expect_hidden(self, run, more=""):
        for text in (run.out.decode(), run.err, more):
            at = text.find(self.SECRET)
            self.assertEqual(at, -1, text[max(at - 200, 0):at + 200])

    def test_no_redirect_shows_a_password(self):
        for target in (f"http://bob:{self.SECRET}@127.0.0.1:{self.origin.port}/end",
                       f"//bob:{self.SECRET}@127.0.0.1:{self.origin.port}/end",
                       f"http://bob:{self.SECRET}@[::g]/", f"ftp://bob:{self.SECRET}@x/"):
            def serve(connection, target=target):
                connection.recv(65536)
                head = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
                connection.sendall(head.encode())

            with self.subTest(target):
                server = Script(serve)
                self.addCleanup(server.stop)
                run = fetch("-v", "-v", "--tries", "1", server.url)
                self.expect_hidden(run)
                if target.endswith("end"):
                    self.assertEqual(run.results[0]["final_url"],
                                     f"http://***@127.0.0.1:{self.origin.port}/end")

    def test_no_message_shows_the_password_of_a_proxy(self):
        closed = self.closed()[len("http://"):]
        for proxy in (f"http://bob:{self.SECRET}@{closed}", f"bob:{self.SECRET}@{closed}",
                      f"nonsense://bob:{self.SECRET}@127.0.0.1:1",
                      f"http://bob:{self.SECRET}@"):
            with self.subTest(proxy):
                run = fetch("-v", "-v", "--tries", "1", "--proxy", proxy, self.url)
                self.assertNotEqual(run.status, 0)
                self.expect_hidden(run)

    def test_a_password_reaches_the_server(self):
        run = fetch(f"http://user:password@127.0.0.1:{self.origin.port}/?auth=basic")
        self.assertEqual((run.status, run.results[0]["status"]), (0, 200))


class Signals(Command):
    """The server says when it was asked, and answers when it may."""

    def held(self):
        asked, may_answer = threading.Event(), threading.Event()

        def serve(connection):
            while b"\r\n\r\n" not in connection.recv(65536):
                pass
            asked.set()
            may_answer.wait(60)
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            except OSError:
                pass

        server = Script(serve)
        self.addCleanup(server.stop)
        self.addCleanup(may_answer.set)
        return server, asked, may_answer

    def interrupt(self, process, number):
        process.send_signal(number)
        return read_until(process.stderr, "stopping").decode()

    def test_every_url_read_has_a_result(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                server, asked, _ = self.held()
                queued = [f"{self.url}/{i}" for i in range(300)]
                process = start("--format", "jsonl", "-j", "1", "--stats", self.path("stats"),
                                server.url, *queued)
                self.assertTrue(asked.wait(60))
                self.interrupt(process, number)
                run = finish(process)
                self.assertEqual(run.status, 9, run.err)
                self.assertEqual(sorted(r["index"] for r in run.results), list(range(301)))
                self.assertEqual(set(run.error_names()), {"ECANCELED"})
                self.assertIn("301", run.err)
                with open(self.path("stats"), encoding="utf-8") as file:
                    stats = json.load(file)
                self.assertEqual((stats["not_done"], stats["interrupted"]), (301, True))

    def test_what_is_in_flight_may_end(self):
        server, asked, may_answer = self.held()
        process = start("--format", "jsonl", "-j", "1", server.url, f"{self.url}/later")
        self.assertTrue(asked.wait(60))
        self.interrupt(process, signal.SIGINT)
        may_answer.set()
        run = finish(process)
        self.assertEqual(run.status, 9, run.err)
        got = {r["index"]: (r["status"], r["error"] and r["error"]["name"]) for r in run.results}
        self.assertEqual(got, {0: (200, None), 1: (0, "ECANCELED")})

    def test_nothing_left_is_no_interruption(self):
        server, asked, may_answer = self.held()
        process = start("--format", "jsonl", server.url)
        self.assertTrue(asked.wait(60))
        self.interrupt(process, signal.SIGINT)
        may_answer.set()
        run = finish(process)
        self.assertEqual((run.status, len(run.results)), (0, 1), run.err)

    def test_sigusr1_tells_what_is_outstanding(self):
        server, asked, may_answer = self.held()
        queued = [f"{self.url}/{i}" for i in range(60)]
        url = server.url.replace("//", "//user:secret@")
        process = start("--format", "jsonl", "-j", "1", f"{url}/%1b", *queued)
        self.assertTrue(asked.wait(60))
        process.send_signal(signal.SIGUSR1)
        told = read_until(process.stderr, "more").decode()
        lines = told.splitlines()
        self.assertEqual(lines[0], "trawl fetch: 61 outstanding")
        self.assertRegex(lines[1], rf"  waiting for an answer for \d+\.\d s, try 1, host "
                                   rf"127.0.0.1:{server.port}: http://\S*127.0.0.1:{server.port}/%1b$")
        self.assertRegex(lines[2], r"  queued for \d+\.\d s, try 0, host 127.0.0.1:\d+: http")
        self.assertEqual((len(lines), lines[-1]), (52, "  and 11 more"))
        self.assertNotIn("secret", told)
        may_answer.set()
        run = finish(process)
        self.assertEqual((run.status, len(run.results)), (0, 61), run.err)

    def test_sigusr1_again_and_again_is_answered_now_and_then(self):
        server, asked, may_answer = self.held()
        process = start("--format", "jsonl", server.url)
        self.assertTrue(asked.wait(60))
        for _ in range(5000):
            process.send_signal(signal.SIGUSR1)
        may_answer.set()
        run = finish(process)
        self.assertEqual((run.status, len(run.results)), (0, 1), run.err)
        self.assertIn(run.err.count(" outstanding"), range(1, 500))

    def test_waiting_input_does_not_hold_it(self):
        process = start("--format", "jsonl", "-i", "-", stdin=subprocess.PIPE)
        process.stdin.write(f"{self.url}/only\n".encode())
        process.stdin.flush()
        line = read_until(process.stdout, "\n")
        self.assertEqual(json.loads(line)["status"], 200)
        process.send_signal(signal.SIGINT)
        process.wait(60)  # the pipe stays open
        run = finish(process)
        self.assertEqual((run.status, run.out), (9, b""))

    def test_a_second_signal_ends_at_once_with_whole_lines(self):
        server, asked, _ = self.held()
        done = 50
        process = start("--format", "jsonl", "-i", "-", stdin=subprocess.PIPE)
        process.stdin.write("".join(f"{self.url}/{i}\n" for i in range(done)).encode())
        process.stdin.flush()
        out = b""
        while out.count(b"\n") < done:
            out += read_until(process.stdout, "\n")
        process.stdin.write(f"{server.url}\n{self.url}/?stall=0\n{server.url}\n".encode())
        process.stdin.flush()
        self.assertTrue(asked.wait(60))
        self.interrupt(process, signal.SIGINT)
        process.send_signal(signal.SIGINT)
        run = finish(process)
        self.assertEqual(run.status, 9)
        run.out = out + run.out
        self.assertEqual(sorted(r["index"] for r in run.results), list(range(done)))


if __name__ == "__main__":
    unittest.main()
