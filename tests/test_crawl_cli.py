"""`trawl crawl`, `links` and `explain` from outside, over a small site on loopback."""

import http.server
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from servers import ENVIRONMENT, LIMIT, TRAWL, finish, read_until, start

HTML = "text/html; charset=utf-8"

ROBOTS = """# rules of the site
User-agent: *
Disallow: /private/
Allow: /private/open.html

User-agent: sloth
Crawl-delay: 7
Disallow: /
"""

# path: (status, headers, body)
SITE = {
    "/robots.txt": (200, {"Content-Type": "text/plain"}, ROBOTS),
    "/": (200, {"Content-Type": HTML}, """<title>Home &amp; garden</title>
        <link rel=stylesheet href=/style.css><img src="img/pic.png">
        <a href="docs/">docs</a> <a href=missing.html>gone</a> <a href="/private/x.html">x</a>
        <a href="/private/open.html">open</a> <a href="/moved">moved</a>
        <a href="http://other.invalid/">other</a> <a href="mailto:someone@example.org">mail</a>
        <a rel=nofollow href="/ad.html">ad</a> <a href="/?utm_source=x&a=1#top">tracked</a>"""),
    "/style.css": (200, {"Content-Type": "text/css"}, "body { background: url(img/bg.png) }"),
    "/img/pic.png": (200, {"Content-Type": "image/png"}, "pic"),
    "/img/bg.png": (200, {"Content-Type": "image/png"}, "bg"),
    "/docs/": (200, {"Content-Type": HTML},
               '<title>Docs</title><a href="a.html">a</a><a href="/">up</a><a href="b.html">b</a>'),
    "/docs/a.html": (200, {"Content-Type": HTML},
                     '<title>A</title><a href="/docs/x/x/x/x/x/x/x">trap</a>'),
    "/docs/b.html": (200, {"Content-Type": HTML},
                     '<title>A</title><a href="/docs/x/x/x/x/x/x/x">trap</a>'),
    "/moved": (301, {"Location": "/docs/a.html"}, ""),
    "/away": (302, {"Location": "http://elsewhere.invalid/"}, ""),
    "/private/x.html": (200, {"Content-Type": HTML}, "secret"),
    "/private/open.html": (200, {"Content-Type": HTML}, "open"),
    "/ad.html": (200, {"Content-Type": HTML}, "ad"),
    "/?utm_source=x&a=1": (200, {"Content-Type": HTML}, "tracked"),
    "/many/": (200, {"Content-Type": HTML},
               "".join(f'<a href="/many/{i}">{i}</a>' for i in range(1000))),
}

ALL = ["/", "/?utm_source=x&a=1", "/docs/", "/docs/a.html", "/docs/b.html", "/img/bg.png",
       "/img/pic.png", "/missing.html", "/moved", "/private/open.html", "/style.css"]


class Site:
    """Serves SITE; asked is the list of paths, in order."""

    def __init__(self):
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                site.asked.append(self.path)
                status, headers, body = SITE.get(self.path, (404, {}, "none"))
                if self.path.startswith("/many/") and self.path != "/many/":
                    status, headers, body = 200, {"Content-Type": HTML}, self.path * 10000
                body = body.encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.asked = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Crawl(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.stop)
        self.url = self.site.url
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return path

    def crawl(self, *arguments, polite=False, **options):
        fast = [] if polite else ["--allow-private", "-w", "0"]
        return finish(start("--format", "jsonl", *fast, *arguments, command="crawl", **options))

    def paths(self, run):
        return sorted(r["url"].removeprefix(self.url) for r in run.results)

    def page(self, run, path):
        return next(r for r in run.results if r["url"] == self.url + path)

    def rejected(self, *arguments):
        log = self.path("rejected")
        run = self.crawl("--log-rejected", log, *arguments)
        with open(log, encoding="utf-8") as file:
            return run, [json.loads(line) for line in file]


class Pages(Crawl):
    def test_every_page_that_can_be_reached_is_fetched_once(self):
        run = self.crawl(self.url)
        self.assertEqual(self.paths(run), ALL)
        self.assertEqual(run.status, 8, run.err)
        self.assertEqual(sorted(self.site.asked), sorted(ALL + ["/robots.txt"]))
        self.assertEqual(self.site.asked[:2], ["/robots.txt", "/"])

    def test_a_page_has_where_it_was_found_and_what_is_in_it(self):
        run = self.crawl(self.url)
        seed, a, b = (self.page(run, p) for p in ("/", "/docs/a.html", "/docs/b.html"))
        self.assertEqual((seed["depth"], seed["from"], seed["title"]),
                         (0, None, "Home & garden"))
        self.assertEqual((b["depth"], b["from"]), (2, f"{self.url}/docs/"))
        self.assertEqual(a["digest"], b["digest"])
        first, second = sorted((a, b), key=lambda r: r["index"])
        self.assertEqual((first["repeats"], second["repeats"]), (None, first["index"]))
        moved = self.page(run, "/moved")
        self.assertEqual((moved["status"], moved["redirects"]), (301, 0))
        self.assertEqual(sorted(r["index"] for r in run.results), list(range(len(ALL))))

    def test_a_site_without_errors_exits_with_0(self):
        run = self.crawl(f"{self.url}/docs/", "-np")
        self.assertEqual((run.status, self.paths(run)),
                         (0, ["/docs/", "/docs/a.html", "/docs/b.html"]))

    def test_seeds_come_from_files_too(self):
        seeds = self.path("seeds", f"{self.url}/docs/a.html\n# no seed\n{self.url}/style.css\n")
        run = self.crawl("-i", seeds, "-l", "1", "--include", "docs|css")
        self.assertEqual(self.paths(run), ["/docs/a.html", "/style.css"])

    def test_nothing_is_asked_before_the_last_seed_is_known(self):
        process = start("--format", "jsonl", "--allow-private", "-w", "0", "-i", "-", "-np",
                        command="crawl", stdin=subprocess.PIPE)
        process.stdin.write(f"{self.url}/docs/\n".encode())
        process.stdin.flush()
        time.sleep(0.5)
        self.assertEqual(self.site.asked, [])
        run = finish(process, f"{self.url}/style.css\n".encode())
        self.assertLessEqual({"/docs/", "/docs/a.html", "/style.css"}, set(self.paths(run)))

    def test_sigusr1_tells_what_is_outstanding(self):
        process = start("--format", "jsonl", "--allow-private", "-w", "2", f"{self.url}/many/",
                        command="crawl")
        read_until(process.stdout, "/many/")
        process.send_signal(signal.SIGUSR1)
        read_until(process.stderr, "trawl crawl: 1000 outstanding")
        process.send_signal(signal.SIGINT)
        self.assertEqual(finish(process).status, 9)

    def test_csv_has_the_columns_of_a_crawl(self):
        run = finish(start("--format", "csv", "--allow-private", "-w0", self.url, "-l1",
                           command="crawl"))
        self.assertIn(b"error_message,depth,from,links,title,digest,repeats\r\n", run.out)
        self.assertIn(b"Home & garden", run.out)

    def test_a_wait_is_kept_and_the_pace_is_told(self):
        run = self.crawl("-w", "0.2", "--allow-private", f"{self.url}/docs/", "-np", polite=True)
        self.assertEqual(len(run.results), 3)
        self.assertRegex(run.err, r"3 URLs in (0\.[6-9]|[1-9])")


class Scope(Crawl):
    def test_everything_left_out_has_its_reason(self):
        _, rejected = self.rejected(self.url)
        found = {r["url"].removeprefix(self.url): r for r in rejected}
        self.assertEqual(
            {path: r["reason"] for path, r in found.items()},
            {"/private/x.html": "robots", "http://other.invalid/": "scope-host",
             "mailto:someone@example.org": "scheme", "/ad.html": "nofollow",
             "/docs/x/x/x/x/x/x/x": "trap-repeat"})
        x = found["/private/x.html"]
        self.assertEqual((x["rule"], x["line"], x["depth"], x["from"]),
                         ("Disallow: /private/", 3, 1, f"{self.url}/"))

    def test_duplicates_are_logged_when_asked_for(self):
        _, rejected = self.rejected(self.url, "--log-duplicates")
        self.assertIn((f"{self.url}/", "duplicate"),
                      [(r["url"], r["reason"]) for r in rejected])

    def test_the_summary_names_what_was_left_out_and_what_cut(self):
        run = self.crawl(self.url, "--max-pages", "3")
        self.assertEqual(len(run.results), 3)
        self.assertRegex(run.err, r"\ncrawl    1 host, 1 robots.txt, \d+ URLs found")
        self.assertRegex(run.err, r"\nleft out .*1 robots\b")
        self.assertRegex(run.err, r"\ncut      \d+ limit-pages \(--max-pages\)")

    def test_options_narrow_it(self):
        cases = [
            (["-l", "1", "--exclude", r"\.png$"],
             [p for p in ALL if not p.endswith((".png", "b.html"))]),
            (["--no-robots"], sorted(ALL + ["/private/x.html", "/ad.html"])),
            (["--strip-tracking"], [p.replace("utm_source=x&", "") for p in ALL]),
            (["--reject", ".html,.png"], ["/", "/?utm_source=x&a=1", "/docs/", "/moved",
                                          "/style.css"]),
            (["--max-pages", "1"], ["/"]),
            (["--filter-mime-type", "image/*"],
             ["/img/bg.png", "/img/pic.png", "/missing.html", "/moved"]),
        ]
        for arguments, expected in cases:
            with self.subTest(arguments):
                run = self.crawl(self.url, *arguments)
                self.assertEqual(self.paths(run), sorted(expected))

    def test_stats_have_the_counts(self):
        stats = self.path("stats")
        self.crawl(self.url, "-q", "--stats", stats)
        with open(stats, encoding="utf-8") as file:
            crawl = json.load(file)["crawl"]
        self.assertEqual((crawl["hosts"], crawl["robots"], crawl["depth"], crawl["repeats"]),
                         (1, 1, 2, 1))
        self.assertEqual(crawl["rejected"]["scope-host"], 1)

    def test_a_robots_file_stands_for_the_hosts_own(self):
        rules = self.path("rules", "User-agent: *\nDisallow: /docs/\nDisallow: /img/\n")
        run = self.crawl(self.url, "--robots-file", rules)
        self.assertIn("/private/x.html", self.paths(run))
        self.assertNotIn("/docs/", self.paths(run))
        self.assertNotIn("/robots.txt", self.site.asked)


class Refusals(Crawl):
    def expect(self, status, message, *arguments, polite=False):
        run = self.crawl(*arguments, polite=polite)
        self.assertEqual(run.status, status, run.err)
        self.assertIn(message, run.err)
        return run

    def test_private_addresses_need_a_word(self):
        run = self.expect(1, "give --allow-private", self.url, polite=True)
        self.assertEqual((run.results, self.site.asked), ([], []))
        run = self.expect(1, "give --allow-private", self.url, "--no-robots", polite=True)
        self.assertEqual(run.error_names(), ["EDENIED"])

    def test_a_scope_without_its_seeds_is_told(self):
        run = self.expect(1, "left out: scope-exclude (--exclude '/')", self.url,
                          "--exclude", "/")
        self.assertIn("nothing was fetched: the seed is left out", run.err)
        self.expect(1, "left out: robots, line 3 (Disallow: /private/)",
                    f"{self.url}/private/x.html")
        self.expect(1, "all seeds are left out", self.url, f"{self.url}/docs/", "--exclude", ":")

    def test_a_seed_that_is_no_url_is_told_without_its_password(self):
        run = self.expect(1, "seed 1 is left out: not a valid URL: ", "http://me:secret@[x/")
        self.assertNotIn("secret", run.err)
        self.expect(1, "seed 2 is left out: the scheme is not http or https",
                    f"{self.url}/style.css", "ftp://h/")

    def test_a_seed_that_has_moved_away_is_told(self):
        run = self.expect(0, "redirects to http://elsewhere.invalid/, which is left out: "
                             "scope-host; give that URL as the seed, or --span-hosts",
                          f"{self.url}/away")
        self.assertEqual(self.paths(run), ["/away"])

    def test_a_bad_expression_is_told_with_its_place(self):
        self.expect(2, "--include 'a(b': at byte 3: ", self.url, "--include", "a(b")
        self.assertEqual(self.site.asked, [])

    def test_files_that_cannot_be_read_or_written(self):
        none = self.path("none/x")
        self.expect(3, f"--robots-file {none}: No such file", self.url, "--robots-file", none)
        self.expect(3, f"{none}: No such file", self.url, "--log-rejected", none)
        self.expect(3, "/dev/full: No space left", self.url, "--log-rejected", "/dev/full")
        self.expect(3, "/dev/full: No space left", self.url, "-o", "/dev/full")
        self.expect(3, f"{none}: No such file", "-i", none)

    def test_a_list_of_no_seeds_is_no_failure(self):
        run = self.crawl("-i", self.path("empty", "\n"))
        self.assertEqual((run.status, run.results), (0, []))


class Signals(Crawl):
    def test_an_interrupt_leaves_every_result_and_tells_what_is_left(self):
        log = self.path("rejected")
        process = start("--format", "jsonl", "--allow-private", "-w", "0.1", "--log-rejected", log,
                        f"{self.url}/many/", command="crawl")
        out = read_until(process.stdout, "/many/0")
        process.send_signal(signal.SIGINT)
        run = finish(process)
        run.out = out + run.out
        self.assertEqual(run.status, 9, run.err)
        got = len(run.results)
        with open(log, encoding="utf-8") as file:
            stopped = [r for r in map(json.loads, file) if r["reason"] == "stopped"]
        self.assertEqual(got + len(stopped), 1001)
        self.assertIn(f"interrupted: {len(stopped)} not done", run.err)

    def test_a_slow_reader_holds_the_crawl(self):
        """Of 90 MB that nobody reads it keeps a few; then it goes on where it was."""
        process = start("--format", "jsonl", "--allow-private", "-w", "0", "-q", "--body",
                        f"{self.url}/many/", command="crawl")
        before = -1
        while len(self.site.asked) != before:
            before = len(self.site.asked)
            time.sleep(1)
        self.assertLess(before, 500)
        self.assertEqual(len(finish(process).results), 1001)


class Links(unittest.TestCase):
    def links(self, *arguments, data=b""):
        p = subprocess.run([TRAWL, "links", *arguments], input=data, capture_output=True,
                           env=ENVIRONMENT, timeout=LIMIT, check=False)
        return p.returncode, p.stdout.decode(), p.stderr.decode()

    HTML = b'<a href="b">x</a><img src=/i.png><a rel="nofollow" href="http://h/#f">y</a>'

    def test_one_a_line_in_order(self):
        self.assertEqual(self.links("--base", "http://a.example/d/", data=self.HTML),
                         (0, "http://a.example/d/b\nhttp://a.example/i.png\nhttp://h/\n", ""))

    def test_without_a_base_relative_links_are_counted(self):
        status, out, err = self.links("-", data=self.HTML)
        self.assertEqual((status, out), (0, "http://h/\n"))
        self.assertEqual(err, "trawl links: 2 relative links are left out; give the URL of the "
                              "document with --base URL\n")
        self.assertEqual(self.links(data=b'<base href="http://x/y/"><a href=z>'),
                         (0, "http://x/y/z\n", ""))

    def test_jsonl_says_where_each_stands(self):
        status, out, _ = self.links("--base=http://a/", "--format=jsonl", data=self.HTML)
        first, image, last = map(json.loads, out.splitlines())
        self.assertEqual(status, 0)
        self.assertEqual(first, {"url": "http://a/b", "tag": "a", "attribute": "href",
                                 "kind": "navigation", "rel": "", "nofollow": False})
        self.assertEqual((image["kind"], image["tag"]), ("requisite", "img"))
        self.assertEqual((last["rel"], last["nofollow"]), ("nofollow", True))

    def test_a_file_and_its_type(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"@import 'a.css'; p { background: url(b.png) }")
            file.flush()
            self.assertEqual(self.links("--base", "http://h/", "--type", "text/css", file.name),
                             (0, "http://h/a.css\nhttp://h/b.png\n", ""))

    def test_refusals_have_a_name(self):
        cases = [
            (2, "--base: not a valid URL", ["--base", "http://["], b""),
            (2, "--charset 'none'", ["--charset", "none", "--base", "http://h/"], b"x"),
            (2, "--type 'image/png'", ["--type", "image/png", "--base", "http://h/"], b"x"),
            (2, "name one file only", ["a", "b"], b""),
            (3, "/none/x: No such file", ["/none/x"], b""),
            (3, "/: Is a directory", ["/"], b""),
            (1, "standard input: broken XML", [], b"<?xml version='1.0'?><urlset><url><loc>"
                                                  b"http://a/1</loc></url><url><oops></url>"),
        ]
        for status, message, arguments, data in cases:
            with self.subTest(message):
                got = self.links(*arguments, data=data)
                self.assertEqual(got[0], status, got)
                self.assertIn(message, got[2])

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "wb") as full:
            p = subprocess.run([TRAWL, "links"], input=b"<a href='http://h/'>", stdout=full,
                               stderr=subprocess.PIPE, env=ENVIRONMENT, timeout=LIMIT,
                               check=False)
        self.assertEqual(p.returncode, 3, p.stderr)


class Explain(Crawl):
    def explain(self, *arguments):
        p = subprocess.run([TRAWL, "explain", *arguments], capture_output=True,
                           stdin=subprocess.DEVNULL, env=ENVIRONMENT, timeout=LIMIT, check=False)
        return p.returncode, p.stdout.decode(), p.stderr.decode()

    def verdict(self, *arguments):
        status, out, err = self.explain("--format", "jsonl", *arguments)
        self.assertEqual(err, "")
        return status, json.loads(out)

    def test_by_a_file_without_network(self):
        rules = self.path("rules", ROBOTS)
        status, v = self.verdict("http://no.such.invalid/private/x", "--robots-file", rules)
        self.assertEqual((status, v["allowed"], v["robots_line"], v["robots_rule"]),
                         (1, False, 3, "Disallow: /private/"))
        status, v = self.verdict("HTTP://NO.such.invalid:80/a/../b c#f", "--robots-file", rules)
        self.assertEqual((status, v["url"], v["in_scope"], v["allowed"], v["robots_line"]),
                         (0, "http://no.such.invalid/b%20c", True, True, None))
        status, v = self.verdict("http://h/", "--robots-file", rules, "--robots-agent", "Sloth")
        self.assertEqual((status, v["allowed"], v["wait_ms"]), (1, False, 7000))
        self.assertIn("Crawl-delay", v["wait_rule"])

    def test_by_the_host_without_fetching_the_page(self):
        status, v = self.verdict(f"{self.url}/private/open.html", "--allow-private")
        self.assertEqual((status, v["allowed"], v["robots_line"], v["robots_status"]),
                         (0, True, 4, 200))
        self.assertEqual(self.site.asked, ["/robots.txt"])

    def test_as_a_link_and_against_a_scope(self):
        rules = self.path("rules", "")
        base = ["--base", "http://h/d/e", "--robots-file", rules]
        status, v = self.verdict("../x", *base)
        self.assertEqual((status, v["url"]), (0, "http://h/x"))
        status, v = self.verdict("http://i/", *base)
        self.assertEqual((status, v["in_scope"], v["reason"]), (1, False, "scope-host"))
        self.assertEqual(self.verdict("http://i/", *base, "-H")[0], 0)
        self.assertEqual(self.verdict("http://i/", *base, "--seed", "http://i/a")[0], 0)
        status, v = self.verdict("/x", *base, "-np", "--seed", "http://h/d/")
        self.assertEqual((status, v["reason"]), (1, "scope-parent"))

    def test_text_is_four_lines(self):
        rules = self.path("rules", ROBOTS)
        status, out, _ = self.explain("http://h/private/", "--robots-file", rules, "-w", "2")
        self.assertEqual(status, 1)
        self.assertEqual(out, "url     http://h/private/\n"
                              "scope   in scope (a seed's host)\n"
                              "robots  disallowed by line 3: Disallow: /private/\n"
                              "pace    a fetch every 2 s (--wait)\n")

    def test_refusals_have_a_name(self):
        status, v = self.verdict("http://h:99999/", "--no-robots")
        self.assertEqual((status, v["url"], v["error"]), (1, None, "EURL"))
        cases = [
            (2, "give one URL", []),
            (2, "--base: not a valid URL", ["x", "--base", "http://["]),
            (2, "--seed: not a valid URL", ["http://h/", "--seed", "http://["]),
            (2, "--exclude '[': at byte 1: ", ["http://h/", "--exclude", "["]),
            (3, "--robots-file /none: No such file", ["http://h/", "--robots-file", "/none"]),
            (1, "give --allow-private", [f"{self.url}/"]),
        ]
        for status, message, arguments in cases:
            with self.subTest(message):
                got = self.explain(*arguments)
                self.assertEqual(got[0], status, got)
                self.assertIn(message, got[2])


if __name__ == "__main__":
    unittest.main()
