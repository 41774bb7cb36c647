"""`trawl crawl` of what nobody would write on purpose, or only for a crawler: each has an outcome with
a name, and the rest of the site is crawled as if it were not there."""

import gzip
import http.server
import json
import random
import socket
import tempfile
import threading
import unittest

from servers import LIMIT, crawl, finish, free_ports, start

MB = 1000 * 1000


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers from server.pages: {path: body, or (status, headers, body)}; an entry may be a function
    of the handler."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        with self.server.lock:
            self.server.asked.append(self.path)
        page = self.server.pages.get(self.path, (404, {}, b"nothing here"))
        page = page(self) if callable(page) else page
        status, headers, body = page if isinstance(page, tuple) else (200, {}, page)
        self.send_response(status)
        for name, value in {"Content-Type": "text/html", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the crawler has seen enough


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, pages, address):
        super().__init__((address, 0), Handler)
        self.pages, self.asked, self.lock = pages, [], threading.Lock()
        self.url = f"http://{address}:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, *_):
        pass  # a connection that the crawler ends is no error here


class Hostile(unittest.TestCase):
    def serve(self, pages, address="127.0.0.1"):
        server = Server(pages, address)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def crawl(self, server, *arguments, path="/"):
        """Crawls; results by path and what was left out by path, as objects, in self."""
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as rejected:
            run = crawl("-t", "1", "--log-rejected", rejected.name, *arguments, f"{server.url}{path}")
            left_out = [json.loads(line) for line in rejected]
        self.results = {r["url"].removeprefix(server.url): r for r in run.results}
        self.rejected = {r["url"].removeprefix(server.url): r for r in left_out}
        self.assertEqual(len(self.results), len(run.results), run.err)
        return run

    def statuses(self):
        return {path: r["status"] for path, r in self.results.items()}

    def error(self, path):
        return self.results[path]["error"] and self.results[path]["error"]["name"]


class Pages(Hostile):
    def test_a_page_of_100_mb_is_read_to_its_last_link(self):
        words = b"<p>words and <b>more</b> words\n"
        page = b"<a href=first>" + words * (100 * MB // len(words)) + b"<a href=last>"
        self.crawl(self.serve({"/": page, "/first": b"1", "/last": b"2"}))
        self.assertEqual(self.statuses(), {"/": 200, "/first": 200, "/last": 200})
        self.assertEqual((self.results["/"]["bytes"], self.results["/"]["links"]), (len(page), 2))

    def test_a_page_above_the_limit_is_named_and_the_rest_goes_on(self):
        server = self.serve({"/": b"<a href=big><a href=small>", "/big": b"b" * (2 * MB), "/small": b"s"})
        run = self.crawl(server, "--max-filesize", "1M")
        self.assertEqual(set(self.results), {"/", "/big", "/small"})
        self.assertEqual((self.error("/big"), self.error("/small")), ("EBODYSIZE", None))
        self.assertIn("EBODYSIZE", run.err)

    def test_a_page_that_unpacks_to_more_than_the_limit_is_named(self):
        bomb = (200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * (20 * MB)))
        self.crawl(self.serve({"/": bomb}), "--max-filesize", "1M")
        self.assertEqual(self.error("/"), "EBODYSIZE")

    def test_100000_links_of_a_page_are_all_judged(self):
        page = b"".join(b"<a href='/no/%d'>no</a>\n" % i for i in range(100000))
        self.crawl(self.serve({"/": page}), "--exclude", "/no/")
        self.assertEqual(self.results["/"]["links"], 100000)
        self.assertEqual(len(self.rejected), 100000)
        self.assertEqual({r["reason"] for r in self.rejected.values()}, {"scope-exclude"})

    def test_links_above_the_limit_are_cut_and_counted(self):
        page = b"".join(b"<a href='/%d'>page</a>\n" % i for i in range(100000))
        run = self.crawl(self.serve({"/": page, **{f"/{i}": b"%d" % i for i in range(20)}}),
                         "--max-links", "20")
        self.assertEqual(set(self.results), {"/", *(f"/{i}" for i in range(20))})
        self.assertIn("1 limit-links", run.err)

    def test_pages_above_the_limit_are_named(self):
        page = b"".join(b"<a href='/%d'>page</a>\n" % i for i in range(1000))
        run = self.crawl(self.serve({"/": page}), "--max-pages", "10")
        self.assertEqual(len(self.results), 10)
        self.assertEqual({r["reason"] for r in self.rejected.values()}, {"limit-pages"})
        self.assertEqual(len(self.rejected), 991)
        self.assertIn("991 limit-pages", run.err)

    def test_a_base_that_is_no_url_leaves_the_links_where_they_are(self):
        for base in ("http://[::bad/", "http://", "http://ex ample/", "javascript:alert(1)", "data:,x",
                     "", "mailto:nobody@example.org", "http://host:99999/", "https://%00/"):
            with self.subTest(base):
                page = f'<base href="{base}"><a href="next"></a>'.encode()
                self.crawl(self.serve({"/here/page": page, "/here/next": b"ok"}), path="/here/page")
                self.assertEqual(self.statuses(), {"/here/page": 200, "/here/next": 200})

    def test_links_that_are_no_urls_are_left_out_by_name(self):
        page = (b"<a href='http://[bad/'><a href='http://a b/'><a href='mailto:a@b'><a href='javascript:x()'>"
                b"<a href='ftp://example.org/'><a href='http://1.2.3.4.5.6/'><a href='good'>")
        self.crawl(self.serve({"/": page, "/good": b"ok"}))
        self.assertEqual(self.statuses(), {"/": 200, "/good": 200})
        self.assertEqual(len(self.rejected), 6)
        self.assertEqual({r["reason"] for r in self.rejected.values()}, {"scheme"})

    def test_markup_that_never_ends_is_survived(self):
        for page in (b"<a href='never closed", b"<!-- " + b"-" * MB, b"<" * MB, b"<a " + b"x=1 " * MB,
                     b"<a href=" + b"/" * MB + b">", b"&" * MB, b"<script>" + b"<!--<script>" * 50000,
                     b"\0" * MB, random.Random(5).randbytes(MB)):
            with self.subTest(page[:12]):
                self.crawl(self.serve({"/": page}))
                self.assertEqual((self.statuses()["/"], self.error("/")), (200, None))

    def test_a_url_that_is_too_long_is_named(self):
        page = b"<a href='/" + b"a" * 3000 + b"'><a href=/ok>"
        self.crawl(self.serve({"/": page, "/ok": b"ok"}))
        self.assertEqual(self.statuses(), {"/": 200, "/ok": 200})
        self.assertEqual([r["reason"] for r in self.rejected.values()], ["trap-length"])


class Redirects(Hostile):
    def test_loops_end_where_they_began(self):
        server = self.serve({"/": b"<a href=self><a href=one>", "/self": (302, {"Location": "/self"}, b""),
                             "/one": (301, {"Location": "/two"}, b""), "/two": (307, {"Location": "one"}, b"")})
        run = self.crawl(server)
        self.assertEqual(run.status, 0, run.err)
        self.assertEqual(self.statuses(), {"/": 200, "/self": 302, "/one": 301, "/two": 307})
        self.assertEqual(sorted(server.asked), sorted(["/robots.txt", *self.results]))

    def test_a_chain_without_end_is_cut_and_named(self):
        pages = {f"/{i}": (302, {"Location": f"/{i + 1}"}, b"") for i in range(40)}
        for most in (0, 1, 20):
            with self.subTest(most):
                run = self.crawl(self.serve(pages), "--max-redirs", str(most), path="/0")
                self.assertEqual(set(self.results), {f"/{i}" for i in range(most + 1)})
                self.assertEqual({p: r["reason"] for p, r in self.rejected.items()},
                                 {f"/{most + 1}": "trap-redirects"})
                self.assertIn("1 trap-redirects", run.err)

    def test_a_redirect_to_nowhere_is_a_result(self):
        for location in ("http://[bad/", "javascript:x()", ""):
            with self.subTest(location):
                server = self.serve({"/": b"<a href=away><a href=ok>", "/ok": b"ok",
                                     "/away": (302, {"Location": location}, b"")})
                self.crawl(server)
                self.assertEqual(self.statuses(), {"/": 200, "/ok": 200, "/away": 302})

    def test_a_redirect_to_another_host_stays_out_of_scope(self):
        other = self.serve({"/": b"other"}, "127.0.0.2")
        self.crawl(self.serve({"/": (302, {"Location": f"{other.url}/"}, b"")}))
        self.assertEqual(self.statuses(), {"/": 302})
        self.assertEqual([r["reason"] for r in self.rejected.values()], ["scope-host"])
        self.assertEqual(other.asked, [])


SITE = {"/": b"<a href=/x>x</a><a href=/y>y</a>", "/x": b"x", "/y": b"y"}
TEXT = {"Content-Type": "text/plain"}


class Robots(Hostile):
    def crawl_with(self, robots, *arguments):
        self.server = self.serve({**SITE, "/robots.txt": robots})
        return self.crawl(self.server, *arguments)

    def expect_all(self):
        self.assertEqual(self.statuses(), {"/": 200, "/x": 200, "/y": 200})

    def expect_unreachable(self, run):
        self.assertEqual((self.results, self.server.asked), ({}, ["/robots.txt"]))
        self.assertEqual([r["reason"] for r in self.rejected.values()], ["robots-unreachable"])
        self.assertIn("robots-unreachable", run.err)
        self.assertNotEqual(run.status, 0)

    def test_a_file_of_1_mb_is_read_as_far_as_the_standard_demands(self):
        line = b"# " + b"p" * 97 + b"\n"
        begin = b"User-agent: *\nDisallow: /x\n"
        for name, before, after in (("first line", 0, 10000), ("before 500 KiB", 5000, 5000)):
            with self.subTest(name):
                self.crawl_with((200, TEXT, line * before + begin + line * after))
                self.assertEqual(self.statuses(), {"/": 200, "/y": 200})
                self.assertEqual((self.rejected["/x"]["reason"], self.rejected["/x"]["line"]),
                                 ("robots", before + 2))

    def test_garbage_forbids_nothing(self):
        garbage = random.Random(3).randbytes(100000)
        for robots in (garbage, b"\0" * 1000, b"<html><p>Disallow: /", b"Disallow: /x\n", b"\xff\xfe",
                       b"User-agent\nDisallow /\n", b":" * MB, b""):
            with self.subTest(robots[:12]):
                self.crawl_with((200, TEXT, robots))
                self.expect_all()

    def test_rules_among_garbage_still_hold(self):
        self.crawl_with((200, TEXT, b"\xef\xbb\xbfUser-agent: *\r\0garbage\r\n\xff\xfe: \xff\r"
                                    b"Disallow:/x#\xe4\n<p>\n"))
        self.assertEqual(self.statuses(), {"/": 200, "/y": 200})
        self.assertEqual(self.rejected["/x"]["reason"], "robots")

    def test_one_that_is_not_there_or_forbidden_allows(self):
        for status in (400, 401, 403, 404, 410):
            with self.subTest(status):
                self.crawl_with((status, {}, b"User-agent: *\nDisallow: /\n"))
                self.expect_all()

    def test_a_server_in_trouble_disallows_all(self):
        for status in (500, 503, 599):
            with self.subTest(status):
                self.expect_unreachable(self.crawl_with((status, {}, b"")))

    def test_no_answer_disallows_all(self):
        done = threading.Event()
        self.addCleanup(done.set)

        def never(_):
            done.wait(LIMIT)
            return b""
        self.expect_unreachable(self.crawl_with(never, "--timeout", "1"))

    def test_a_connection_that_breaks_disallows_all(self):
        def broken(handler):
            handler.connection.shutdown(socket.SHUT_RDWR)
            return b""
        self.expect_unreachable(self.crawl_with(broken))

    def test_five_redirects_are_followed(self):
        for hops, left in ((5, {"/", "/y"}), (6, {"/", "/x", "/y"})):
            with self.subTest(hops):
                pages = {f"/r{i}": (301, {"Location": f"/r{i + 1}"}, b"") for i in range(1, hops)}
                pages[f"/r{hops}"] = (200, TEXT, b"User-agent: *\nDisallow: /x\n")
                self.crawl(self.serve({**SITE, **pages, "/robots.txt": (301, {"Location": "/r1"}, b"")}))
                self.assertEqual(set(self.results), left)

    def test_one_that_redirects_to_itself_allows(self):
        self.crawl_with((302, {"Location": "/robots.txt"}, b""))
        self.expect_all()


class Sitemaps(Hostile):
    def crawl_with(self, *sitemaps):
        """Each sitemap is a body and a media type."""
        pages, lines = dict(SITE), []
        for i, (body, kind) in enumerate(sitemaps):
            pages[f"/map{i}"] = (200, {"Content-Type": kind}, body)
            lines.append(f"Sitemap: /map{i}\n")
        server = self.serve({**pages, "/robots.txt": (200, TEXT, "".join(lines).encode())})
        return self.crawl(server)

    def test_what_is_no_xml_is_a_result_and_the_site_is_crawled(self):
        for body, kind in ((b"this is <not xml & at all", "application/xml"), (b"", "text/xml"),
                           (b"\0\1\2" * 1000, "application/xml"),
                           (b"\x1f\x8b\x08garbage", "application/gzip"),
                           (gzip.compress(b"<urlset>" * 1000)[:60], "application/gzip")):
            with self.subTest(body[:12]):
                self.crawl_with((body, kind))
                self.assertEqual(self.statuses(), {"/": 200, "/x": 200, "/y": 200, "/map0": 200})
                self.assertEqual(self.results["/map0"]["links"], 0)

    def test_what_stands_before_the_fault_is_found(self):
        run = self.crawl_with((b"<urlset><url><loc>/found</loc></url><url><loc>/lost", "application/xml"))
        self.assertEqual(self.statuses(),
                         {"/": 200, "/x": 200, "/y": 200, "/map0": 200, "/found": 404}, run.err)

    def test_entities_do_not_explode(self):
        inside = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(12))
        body = (f'<!DOCTYPE urlset [<!ENTITY e0 "aaaaaaaaaa">{inside}]>'
                "<urlset><url><loc>/&e12;</loc></url></urlset>")
        self.crawl_with((body.encode(), "application/xml"))
        self.assertEqual(set(self.statuses()), {"/", "/x", "/y", "/map0"})

    def test_an_index_of_itself_ends(self):
        body = b"<sitemapindex><sitemap><loc>/map0</loc></sitemap></sitemapindex>"
        self.crawl_with((body, "application/xml"))
        self.assertEqual(set(self.statuses()), {"/", "/x", "/y", "/map0"})

    def test_names_that_are_no_urls_are_left_out(self):
        server = self.serve({**SITE, "/robots.txt": (200, TEXT, b"Sitemap:\nSitemap: http://[bad/\n"
                                                                b"Sitemap: ftp://example.org/map\n")})
        self.crawl(server)
        self.assertEqual(set(self.statuses()), {"/", "/x", "/y"})


class Commands(Hostile):
    """What is wrong with the command itself, before anything is fetched."""

    def refuse(self, *arguments):
        run = crawl(*arguments)
        self.assertNotEqual(run.status, 0)
        self.assertEqual(run.out, b"")
        return run.err

    def test_a_bad_expression_is_shown_with_its_place(self):
        for option in ("--include", "--exclude"):
            err = self.refuse(option, "abc(def", "http://127.0.0.1:1/")
            self.assertIn(option.strip("-"), err)
            self.assertIn("abc(def", err)
            self.assertRegex(err, r"\b7\b")  # where the parenthesis is missing

    def test_a_robots_file_that_cannot_be_read_is_named(self):
        for name in ("/nowhere/robots.txt", "/proc/self/mem", "/"):
            self.assertIn(name, self.refuse("--robots-file", name, "http://127.0.0.1:1/"))

    def test_seeds_out_of_scope_are_named_with_the_rule(self):
        server = self.serve(SITE)
        for arguments, reason in ((["--exclude", "127"], "scope-exclude"),
                                  (["--exclude-domains", "127.0.0.1"], "scope-exclude-domain"),
                                  (["--reject", "x"], "scope-reject")):
            with self.subTest(reason):
                run = self.crawl(server, *arguments, path="/x")
                self.assertEqual((self.results, server.asked), ({}, []))
                self.assertEqual([r["reason"] for r in self.rejected.values()], [reason])
                self.assertIn(reason, run.err)
                self.assertNotEqual(run.status, 0)

    def test_private_addresses_are_refused_unless_they_are_allowed(self):
        server = self.serve(SITE)
        run = finish(start("--format", "jsonl", f"{server.url}/", command="crawl"))
        self.assertEqual(server.asked, [])
        self.assertEqual((run.status, run.out), (1, b""))
        self.assertIn("the host's address is not allowed", run.err)
        self.assertIn("--allow-private", run.err)

    def test_a_host_that_is_not_there_is_named(self):
        port, = free_ports(1)
        run = crawl("-t", "1", f"http://127.0.0.1:{port}/")
        self.assertIn("could not connect", run.err)
        run = crawl("-t", "1", "--no-robots", f"http://127.0.0.1:{port}/")
        self.assertEqual(run.error_names(), ["ECONNECT"])


if __name__ == "__main__":
    unittest.main()
