"""`trawl compare` from outside: what it measures, checks, writes and refuses."""

import csv
import io
import json
import os
import re
import resource
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

from servers import ENVIRONMENT, LIMIT, TRAWL, Origin

STRATEGIES = ["loop", "pool", "batch", "process", "sequential"]
SPREAD = {"runs", "median", "min", "max", "q1", "q3"}
SVG = "{http://www.w3.org/2000/svg}"
SECRET = "hunter2secret"


def start(*arguments, **options):
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
               "stderr": subprocess.PIPE, "env": ENVIRONMENT, "text": True, **options}
    return subprocess.Popen([TRAWL, "compare", *arguments], **options)


def compare(*arguments, data=None, **options):
    if data is not None:
        options["stdin"] = subprocess.PIPE
    process = start(*arguments, **options)
    try:
        process.out, process.err = process.communicate(data, timeout=LIMIT)
    finally:
        process.kill()
    return process


class Compare(unittest.TestCase):
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

    def expect(self, status, *arguments, **options):
        run = compare(*arguments, **options)
        self.assertEqual(run.returncode, status, run.err)
        return run

    def json(self, status, *arguments, **options):
        run = self.expect(status, "-q", "--format", "json", *arguments, **options)
        self.assertEqual(run.err, "")
        return json.loads(run.out)

    def requests(self):
        """How many requests the origin has had but for these questions."""
        run = subprocess.run([TRAWL, "fetch", "-q", "--format", "jsonl", "--body",
                              f"{self.url}/stats"], capture_output=True, env=ENVIRONMENT,
                             check=True, timeout=LIMIT)
        return json.loads(json.loads(run.stdout)["body"])["requests"]


class Results(Compare):
    def test_every_strategy_is_measured_at_every_count(self):
        urls = [f"{self.url}/p{i}" for i in range(5)]
        got = self.json(0, "--runs", "2", *urls)
        self.assertEqual(got["strategies"], STRATEGIES)
        self.assertEqual(got["counts"], [1, 2, 4, 5])
        self.assertEqual([(r["count"], r["strategy"]) for r in got["results"]],
                         [(n, s) for n in [1, 2, 4, 5] for s in STRATEGIES])
        for result in got["results"]:
            self.assertEqual(len(result["seconds"]["runs"]), 2)
        self.assertEqual([u["url"] for u in got["urls"]], urls)
        self.assertEqual((got["mismatches"], got["failures"], got["exit_status"]), (0, 0, 0))

    def test_every_fetch_is_made_as_often_as_it_has_to_be(self):
        before = self.requests()
        got = self.json(0, "--runs", "3", "--counts", "2,3", "--strategies", "loop,process",
                        *[f"{self.url}/p{i}" for i in range(4)])
        # A warm-up of 3 URLs, then three runs of 2 and 3 URLs, of two strategies.
        self.assertEqual(self.requests() - before - 1, 2 * (3 + 3 * (2 + 3)))
        times = [u["outcomes"][0]["times"] for u in got["urls"]]
        self.assertEqual(times, [{"loop": 7, "process": 7}, {"loop": 7, "process": 7},
                                 {"loop": 4, "process": 4}])

    def test_members_are_those_of_the_manual(self):
        got = self.json(0, "--runs", "1", "--strategies", "loop", f"{self.url}/a")
        self.assertEqual(list(got), [
            "command", "version", "machine", "options", "strategies", "counts", "results",
            "verdicts", "mismatches", "failures", "urls", "interrupted", "exit_status"])
        self.assertEqual(set(got["machine"]), {"cpu", "cores", "memory", "kernel"})
        self.assertEqual(got["options"], {"runs": 1, "workers": 4, "concurrency": 100,
                                          "per_host": 0, "keepalive": True})
        [result] = got["results"]
        self.assertEqual(set(result), {
            "strategy", "count", "failure", "seconds", "urls_per_second", "latency_ms",
            "user_seconds", "system_seconds", "memory_bytes", "threads", "voluntary_switches",
            "involuntary_switches"})
        for key in ("seconds", "user_seconds", "memory_bytes", "threads"):
            self.assertEqual(set(result[key]), SPREAD)
        self.assertEqual(set(result["latency_ms"]), {"p50", "p90", "p95", "p99", "max"})
        self.assertEqual(got["verdicts"], [])
        [url] = got["urls"]
        [outcome] = url["outcomes"]
        self.assertEqual(set(outcome), {"status", "error", "digest", "bytes", "times"})
        self.assertRegex(outcome["digest"], "^[0-9a-f]{32}$")

    def test_figures_are_of_the_right_kind(self):
        urls = [f"{self.url}/p{i}?latency=30" for i in range(6)]
        got = self.json(0, "--runs", "1", "--counts", "6", "--workers", "3", *urls)
        by = {r["strategy"]: r for r in got["results"]}
        threads = {s: by[s]["threads"]["max"] for s in STRATEGIES}
        # The loop, and beside it what waits: threads, or processes of one thread.
        self.assertEqual(threads, {"loop": 1, "pool": 4, "batch": 4, "process": 4,
                                   "sequential": 2})
        self.assertGreaterEqual(by["sequential"]["seconds"]["median"], 6 * 0.03)
        self.assertGreaterEqual(by["batch"]["seconds"]["median"], 2 * 0.03)
        for strategy, result in by.items():
            with self.subTest(strategy):
                self.assertGreaterEqual(result["seconds"]["median"], 0.03)
                self.assertGreaterEqual(result["latency_ms"]["p50"], 30 * 0.99)
                self.assertGreater(result["memory_bytes"]["median"], 1e6)
                self.assertGreater(result["user_seconds"]["median"] +
                                   result["system_seconds"]["median"], 0)
                self.assertAlmostEqual(result["urls_per_second"],
                                       6 / result["seconds"]["median"], delta=0.1)
        self.assertGreater(by["process"]["memory_bytes"]["median"],
                           by["loop"]["memory_bytes"]["median"])

    def test_verdicts_follow_from_the_figures(self):
        urls = [f"{self.url}/p{i}?latency=50" for i in range(8)]
        got = self.json(0, "--runs", "3", "--counts", "8", "--strategies", "sequential,loop",
                        *urls)
        [verdict] = got["verdicts"]
        self.assertEqual((verdict["count"], verdict["winner"]), (8, "loop"))
        self.assertEqual([r["strategy"] for r in verdict["ranking"]], ["loop", "sequential"])
        medians = {r["strategy"]: r["seconds"]["median"] for r in got["results"]}
        self.assertAlmostEqual(verdict["ranking"][1]["times_as_long"],
                               medians["sequential"] / medians["loop"], delta=0.01)

    def test_connections_are_reused_unless_told_otherwise(self):
        urls = [f"{self.url}/p{i}" for i in range(8)]

        def connections(*arguments):
            def count():
                run = subprocess.run([TRAWL, "fetch", "-q", "--format", "jsonl", "--body",
                                      f"{self.url}/stats"], capture_output=True,
                                     env=ENVIRONMENT, check=True, timeout=LIMIT)
                return json.loads(json.loads(run.stdout)["body"])["connections"]
            before = count()
            self.json(0, "--runs", "1", "--counts", "8", "--strategies", "sequential",
                      *arguments, *urls)
            return count() - before - 1

        self.assertEqual(connections(), 2)
        self.assertEqual(connections("--no-keepalive"), 16)

    def test_options_of_fetch_arrive(self):
        url = f"http://name.test:{self.origin.port}/?auth=basic"
        got = self.json(0, "--runs", "1", "--resolve",
                        f"name.test:{self.origin.port}:127.0.0.1",
                        "--header", "Authorization: Basic dXNlcjpwYXNzd29yZA==", url)
        [outcome] = got["urls"][0]["outcomes"]
        self.assertEqual(outcome["status"], 200)
        self.assertEqual(outcome["times"], {s: 2 for s in STRATEGIES})

    def test_lists_come_from_files_and_pipes(self):
        with open(self.path("list"), "w", encoding="utf-8") as file:
            file.write(f"# comment\n{self.url}/a\n\n{self.url}/b\n")
        got = self.json(0, "--runs", "1", "--strategies", "loop", "-i", self.path("list"), "-i",
                        "-", f"{self.url}/c", data=f"{self.url}/d\n")
        self.assertEqual([u["url"][-1] for u in got["urls"]], ["c", "a", "b", "d"])

    def test_any_bytes_may_be_a_url(self):
        with open(self.path("list"), "wb") as file:
            file.write(self.url.encode() + b"/\xff\xc3\xa9%25?title=a\n")
        got = self.json(0, "--runs", "1", "-i", self.path("list"))
        self.assertEqual(got["urls"][0]["url"], f"{self.url}/%FF%C3%A9%25?title=a")


class Text(Compare):
    def test_it_fits_80_columns(self):
        urls = [f"{self.url}/p{i}" for i in range(16)]
        run = self.expect(0, "--runs", "1", *urls)
        lines = run.out.splitlines()
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertEqual(run.err, "")
        for strategy in STRATEGIES:
            rows = [line for line in lines if re.search(rf"\b{strategy}  ", line)]
            self.assertEqual(len(rows), 2 * 5, strategy)
        self.assertRegex(run.out, r"(wins|winner) at 16 URLs")

    def test_the_winner_is_named_with_its_lead(self):
        urls = [f"{self.url}/p{i}?latency=50" for i in range(10)]
        run = self.expect(0, "--runs", "3", "--counts", "10", "--strategies", "loop,sequential",
                          *urls)
        self.assertRegex(run.out, r"\nloop wins at 10 URLs: \d+\.\d times as fast as sequential$")

    def test_what_is_alike_has_no_winner(self):
        run = self.expect(0, "--runs", "1", "--counts", "1", "--strategies", "loop,sequential",
                          f"{self.url}/?latency=1500")
        self.assertIn("no clear winner at 1 URL: ", run.out)

    def test_progress_is_shown_if_asked_for(self):
        run = self.expect(0, "--progress", "always", "--runs", "1", "--strategies", "loop",
                          f"{self.url}/a")
        self.assertIn("1 of 2: loop, 1 URL, warm-up", run.err)
        self.assertIn("2 of 2: loop, 1 URL, run 1 of 1", run.err)


class Problems(Compare):
    def test_a_body_that_differs_is_shown(self):
        run = self.expect(1, "--runs", "1", "--strategies", "loop,pool", f"{self.url}/a",
                          f"{self.url}/stats")
        self.assertIn("1 URL did not come out the same each time", run.out)
        self.assertIn(f"  {self.url}/stats\n", run.out)
        self.assertNotIn(f"  {self.url}/a\n", run.out)
        self.assertRegex(run.out, r"status 200, \d+ bytes, digest [0-9a-f]{8}: loop x1")
        self.assertIn("what the server sends changes", run.out)

    def test_an_error_that_comes_once_is_a_failure_and_a_difference(self):
        # The first request fails, which is that of the first strategy's warm-up.
        url = f"{self.url}/?fail=1&key=differs-once&with=404"
        got = self.json(8, "--runs", "1", "--strategies", "loop,pool", url)
        self.assertEqual((got["mismatches"], got["failures"]), (1, 1))
        outcomes = {o["status"]: o["times"] for o in got["urls"][0]["outcomes"]}
        self.assertEqual(outcomes, {404: {"loop": 1}, 200: {"loop": 1, "pool": 2}})

    def test_problems_go_to_standard_error_with_other_formats(self):
        run = self.expect(1, "--runs", "1", "--strategies", "loop", "--format", "csv",
                          f"{self.url}/stats")
        self.assertIn(f"  {self.url}/stats\n", run.err)
        self.assertEqual(len(run.out.splitlines()), 2)

    def test_failed_fetches_are_shown_and_decide_the_exit_status(self):
        holder = socket.socket()
        self.addCleanup(holder.close)
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        bad = f"http://127.0.0.1:{port}/x"
        run = self.expect(4, "--tries", "1", "--runs", "1", f"{self.url}/a", bad)
        self.assertIn("1 URL failed each time", run.out)
        self.assertRegex(run.out, rf"  {re.escape(bad)}\n    ECONNECT \(could not connect\): "
                                  r"loop x2, pool x2, batch x2, process x2, sequential x2\n")
        got = self.json(8, "--runs", "1", f"{self.url}/a", f"{self.url}/b?status=404")
        self.assertEqual(got["failures"], 1)
        self.assertEqual(got["urls"][1]["outcomes"][0]["status"], 404)

    def test_only_the_first_of_many_are_told_one_by_one(self):
        urls = [f"{self.url}/p{i}?status=404" for i in range(13)]
        run = self.expect(8, "--runs", "1", "--counts", "13", "--strategies", "loop", *urls)
        self.assertIn("and 3 more; --format json has them all", run.out)


class Usage(Compare):
    def expect_error(self, status, message, *arguments, **options):
        before = self.requests()
        run = self.expect(status, *arguments, **options)
        self.assertEqual(run.out, "")
        self.assertEqual(run.err, f"trawl compare: {message}\n")
        self.assertEqual(self.requests() - before, 1, "something was fetched")

    def test_bad_values_are_told_before_anything_is_fetched(self):
        known = ", ".join(STRATEGIES)
        cases = [
            ("--strategies: there is no 'pools'; the strategies are " + known,
             ["--strategies", "loop,pools"]),
            ("--strategies: there is no ''; the strategies are " + known, ["--strategies", ""]),
            ("--strategies: 'loop' is given twice", ["--strategies", "loop,pool,loop"]),
            ("--counts: 3 is more than the list has, which is 1 URL", ["--counts", "1,3"]),
            ("--counts: '0' is no number of URLs; give numbers from 1 on, such as 1,4,16",
             ["--counts", "0"]),
            ("--counts: '' is no number of URLs; give numbers from 1 on, such as 1,4,16",
             ["--counts", "1,"]),
            ("--runs '0': give 1 to 1000", ["--runs", "0"]),
            ("--workers '0': give 1 to 100000", ["--workers", "0"]),
            ("--format 'xml': give one of text, json, csv", ["--format", "xml"]),
            ("--chart 'a.gif': give a name that ends with .svg or .png", ["--chart", "a.gif"]),
            ("--chart '.svg': give a name that ends with .svg or .png", ["--chart", ".svg"]),
            ("unknown option '--strategy'; did you mean '--strategies'?",
             ["--strategy=loop"]),
        ]
        for message, arguments in cases:
            with self.subTest(arguments):
                self.expect_error(2, message, *arguments, f"{self.url}/a")

    def test_more_connections_than_the_system_allows(self):
        def few_files():
            resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
        urls = [f"{self.url}/p{i}" for i in range(50)]
        self.expect_error(2, "--concurrency 50 is too much: the system allows 100 open files",
                          "-j", "50", *urls, preexec_fn=few_files)
        self.expect(0, "-j", "50", "-q", "--runs", "1", "--strategies", "sequential", *urls,
                    preexec_fn=few_files)

    def test_no_url_is_an_error(self):
        self.expect_error(2, "no URL; give URLs, or a file of them with -i FILE (-i - reads "
                             "standard input)")
        self.expect_error(2, "no URL: the list is empty", "-i", "/dev/null")
        self.expect_error(3, f"{self.path('none')}: No such file or directory", "-i",
                          self.path("none"))

    def test_paths_that_cannot_be_written(self):
        for option, name in (("--chart", "x.svg"), ("--chart", "x.png"), ("--html", "x"),
                             ("-o", "x")):
            with self.subTest(option):
                path = self.path(f"none/{name}")
                self.expect_error(3, f"{path}: No such file or directory", option, path,
                                  f"{self.url}/a")

    def test_nothing_that_is_read_or_written_is_overwritten(self):
        path = self.path("list.svg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"{self.url}/a\n")
        self.expect_error(2, f"--chart '{path}' would overwrite an input file; give another name",
                          "-i", path, "--chart", path)
        self.expect_error(2, f"'{self.path('a.svg')}' is to be written twice; give another name",
                          "--html", self.path("a.svg"), "--chart", self.path("a.svg"), self.url)
        self.assertFalse(os.path.exists(self.path("a.svg")))

    def test_a_full_disk_is_told(self):
        for format in ("text", "json", "csv"):
            with self.subTest(format), open("/dev/full", "w", encoding="ascii") as full:
                run = self.expect(3, "-q", "--runs", "1", "--strategies", "loop", "--format",
                                  format, f"{self.url}/a", stdout=full)
                self.assertEqual(run.err, "trawl compare: standard output: No space left on "
                                          "device\n")


class Products(Compare):
    def test_csv(self):
        urls = [f"{self.url}/p{i}" for i in range(3)]
        run = self.expect(0, "--runs", "2", "--format", "csv", "-o", self.path("out"), *urls)
        self.assertEqual(run.out, "")
        with open(self.path("out"), encoding="utf-8") as file:
            rows = list(csv.DictReader(io.StringIO(file.read())))
        self.assertEqual([(r["count"], r["strategy"]) for r in rows],
                         [(n, s) for n in "123" for s in STRATEGIES])
        for row in rows:
            self.assertEqual(row["runs"], "2")
            self.assertLessEqual(float(row["seconds_min"]), float(row["seconds"]))
            self.assertLessEqual(float(row["seconds"]), float(row["seconds_max"]))
            self.assertNotIn(None, row)

    def charts(self, count, *arguments):
        urls = [f"{self.url}/p{i}" for i in range(count)]
        self.expect(0, "-q", "--runs", "2", "--chart", self.path("a.svg"), "--chart",
                    self.path("a.PNG"), "--html", self.path("a.html"), *arguments, *urls)

    def test_svg_is_an_svg_with_all_names(self):
        for count in (1, 5, 16):
            with self.subTest(count):
                counts = ",".join(str(n + 1) for n in range(count))
                self.charts(count, "--counts", counts)
                root = ElementTree.parse(self.path("a.svg")).getroot()
                self.assertEqual(root.tag, SVG + "svg")
                texts = ["".join(t.itertext()) for t in root.iter(SVG + "text")]
                for text in [*STRATEGIES, "number of URLs", "Time to fetch a number of URLs"]:
                    self.assertEqual(texts.count(text), 1, text)
                self.assertTrue(any(t.startswith("time in ") for t in texts))
                with open(self.path("a.PNG"), "rb") as file:
                    self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")

    def test_page_is_whole_and_needs_nothing(self):
        self.charts(2)
        with open(self.path("a.html"), encoding="utf-8") as file:
            page = file.read()
        parser = Page()
        parser.feed(page)
        parser.close()
        self.assertEqual(parser.open, [])
        self.assertEqual((parser.tags.count("svg"), parser.tags.count("table")), (2, 2))
        self.assertFalse({"script", "img", "link", "iframe"} & set(parser.tags))
        self.assertFalse({"src", "href", "onload"} & parser.attributes)
        self.assertNotIn("url(", page)
        self.assertIn("prefers-color-scheme:dark", page)
        for text in (os.uname().release, "libcurl", "trawl compare -q --runs 2"):
            self.assertIn(text, page)

    def test_what_differs_stands_on_the_page(self):
        self.expect(1, "-q", "--runs", "1", "--html", self.path("a.html"), f"{self.url}/stats")
        with open(self.path("a.html"), encoding="utf-8") as file:
            self.assertIn(f"\n  {self.url}/stats\n", file.read())


class Page(HTMLParser):
    VOID = {"meta", "br", "hr"}

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes = [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag


class Secrets(Compare):
    def test_passwords_are_shown_nowhere(self):
        host = self.url.removeprefix("http://")
        urls = [f"http://me:{SECRET}@{host}/a?auth=basic", f"http://{SECRET}@{host}/stats",
                f"http://me:{SECRET}@{host}/not-asked-for"]
        for format in ("text", "json", "csv"):
            with self.subTest(format):
                run = compare("--runs", "1", "--counts", "2", "--strategies", "loop,process",
                              "--format", format, "--progress", "always", "--tries=1",
                              "--header", f"X-Token: {SECRET}", f"--header=Y:{SECRET}",
                              "--proxy", f"http://me:{SECRET}@{host}",
                              "--chart", self.path("a.svg"), "--html", self.path("a.html"),
                              *urls)
                texts = [run.out, run.err]
                for name in ("a.svg", "a.html"):
                    with open(self.path(name), encoding="utf-8") as file:
                        texts.append(file.read())
                for text in texts:
                    self.assertNotIn(SECRET, text)
                self.assertIn("***", texts[3])

    def test_passwords_are_on_no_command_line(self):
        host = self.url.removeprefix("http://")
        with start("-q", "--runs", "1", "-i", "-", stdin=subprocess.PIPE) as process:
            process.stdin.write(f"http://me:{SECRET}@{host}/?latency=1500\n")
            process.stdin.close()
            seen = []
            for _ in range(200):
                seen = [c for c in command_lines(process.pid) if "measure" in c]
                if seen:
                    break
                time.sleep(0.02)
            self.assertTrue(seen)
            self.assertNotIn(SECRET, " ".join(seen))
            process.kill()


def children(pid):
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                if int(file.read().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(name))
        except (OSError, ValueError):
            continue
    return found


def command_lines(pid):
    found = []
    for child in children(pid):
        try:
            with open(f"/proc/{child}/cmdline", encoding="utf-8", errors="replace") as file:
                found.append(file.read().replace("\0", " "))
        except OSError:
            continue
    return found


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Ends(Compare):
    def begin(self, *arguments, **options):
        """Comparing something that takes 500 ms a fetch; the measurement that runs, and its kin."""
        process = start("--runs", "50", "--strategies", "process", *arguments,
                        *[f"{self.url}/p{i}?latency=500" for i in range(4)], **options)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        family = []
        deadline = time.monotonic() + LIMIT
        while len(family) < 3 and time.monotonic() < deadline:
            measuring = children(process.pid)
            family = measuring + [p for m in measuring for p in children(m)]
            time.sleep(0.01)
        self.assertGreaterEqual(len(family), 3)
        return process, family

    def expect_gone(self, family):
        deadline = time.monotonic() + LIMIT
        while any(map(is_running, family)) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual([p for p in family if is_running(p)], [])

    def test_a_signal_ends_it_with_what_was_measured(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                process, family = self.begin("--html", self.path("a.html"))
                process.send_signal(number)
                out, _ = process.communicate(timeout=LIMIT)
                self.assertEqual(process.returncode, 9)
                self.assertIn("interrupted: this is what was measured", out)
                self.expect_gone(family)
                with open(self.path("a.html"), encoding="utf-8") as file:
                    self.assertIn("It was interrupted", file.read())

    def test_ctrl_c_in_a_terminal(self):
        process, family = self.begin("--format", "json", start_new_session=True)
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=LIMIT)
        self.assertEqual(process.returncode, 9)
        self.assertTrue(json.loads(out)["interrupted"])
        self.expect_gone(family)

    def test_nothing_outlives_it(self):
        process, family = self.begin()
        process.kill()
        self.expect_gone(family)

    def test_a_measurement_that_dies_is_told(self):
        process, family = self.begin("--runs", "2", "--counts", "1,2")
        os.kill(family[0], signal.SIGKILL)
        _, err = process.communicate(timeout=LIMIT)
        self.assertEqual(process.returncode, 1)
        self.assertRegex(err, r"trawl compare: the measurement of process at \d URLs? failed: it "
                              r"was ended by signal 9\n")


if __name__ == "__main__":
    unittest.main()
