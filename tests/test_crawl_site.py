"""`trawl crawl` of whole sites: documentation from nginx against an independent crawler, and the test
web server's sites against what the server says of them.

With a folder and the path of a page, it compares the two crawlers on that and tells the differences:

    python3 tests/test_crawl_site.py /usr/share/doc/libgtk-4-doc gtk4/index.html

What is known of three trees of Debian 12, with wget2 -r -l inf --robots=off beside:

    python3.11-doc   557 URLs, the same by all three
    libgtk-4-doc    5939 URLs, the same by all three
    sqlite3-doc     1293 URLs, the same by both; wget2 finds 1292: a link to "\\" is "/" by the URL
                    standard and "/%5C" to wget2, and it leaves out /search, where a form leads
"""

import os
import sys
import tempfile
import unittest

import site_crawler
import site_log
from servers import Nginx, Origin, crawl

DOCUMENTS = "/usr/share/doc/python3.11/html"
# What would tell less of the links: their number on a host and the rules.
ALL = ["--no-robots", "--per-host", "8"]
# What a crawl of the server's sites has as results; robots.txt is none.
RESULTS = ("sitemap", "page", "style", "moved", "missing")


def found(run):
    """{URL: (status, bytes)} of the results; a URL must not come twice."""
    results = {r["url"]: (r["status"], r["bytes"]) for r in run.results}
    assert len(results) == len(run.results), "a URL has two results"
    return results


class Documents(unittest.TestCase):
    """python3.11-doc: 557 URLs of 55 MB. There is no difference to explain."""

    @classmethod
    def setUpClass(cls):
        nginx = Nginx(DOCUMENTS)
        cls.addClassCleanup(nginx.stop)
        cls.url = nginx.url
        cls.pages = site_crawler.crawl(f"{nginx.url}/")

    def expect(self, run, urls):
        dead = any(self.pages[u].status >= 400 for u in urls)
        self.assertEqual(run.status, 8 if dead else 0, run.err)
        self.assertEqual(found(run), {u: self.pages[u][:2] for u in urls})

    def test_the_whole_site_is_found_with_every_byte(self):
        run = crawl(*ALL, f"{self.url}/")
        self.assertGreater(len(self.pages), 500)
        self.expect(run, self.pages)

    def test_every_result_tells_the_page_that_links_to_it(self):
        results = crawl(*ALL, f"{self.url}/").results
        depths = {r["url"]: r["depth"] for r in results}
        for result in results:
            url, origin = result["url"], result["from"]
            if url == f"{self.url}/":
                self.assertEqual((origin, result["depth"]), (None, 0))
            else:
                self.assertIn(url, self.pages[origin].links)
                self.assertEqual(result["depth"], depths[origin] + 1)

    def test_level_ends_at_so_many_links(self):
        for level in (0, 1, 2):
            with self.subTest(level):
                seed = f"{self.url}/whatsnew/index.html"
                # 0 is no limit, as in wget2.
                urls = site_crawler.reach(self.pages, seed, lambda u: True, level or None)
                self.expect(crawl(*ALL, "-l", str(level), seed), urls)

    def test_no_parent_stays_below_the_seed(self):
        seed = f"{self.url}/howto/index.html"
        urls = site_crawler.reach(self.pages, seed, lambda u: u.startswith(f"{self.url}/howto/"))
        self.assertGreater(len(urls), 10)
        self.expect(crawl(*ALL, "--no-parent", seed), urls)

    def test_exclude_leaves_out_and_does_not_pass_through(self):
        seed = f"{self.url}/"
        urls = site_crawler.reach(self.pages, seed,
                                  lambda u: "/library/" not in u and not u.endswith(".png"))
        self.expect(crawl(*ALL, "--exclude", "/library/", "--exclude", r"\.png$", seed), urls)


class Sites(unittest.TestCase):
    """The server's own sites: it says what is there, and logs what was asked for."""

    def crawl(self, *arguments, data=None):
        """Without the time that some of the sites ask for between two requests."""
        return crawl("--max-crawl-delay", "0.005", *arguments, data=data)

    def serve(self, *arguments, pages=40):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.list, self.log = f"{folder.name}/list", f"{folder.name}/log"
        self.rejected = f"{folder.name}/rejected"
        self.origin = Origin("--site", str(pages), "--list", self.list, "--access-log", self.log,
                             *arguments)
        self.addCleanup(self.origin.process.stdout.close)
        self.addCleanup(self.origin.process.wait)
        self.addCleanup(self.origin.process.kill)
        return site_log.Sites(self.list)

    def seen(self):
        """What came, once the server has ended."""
        self.origin.stop()
        return site_log.Log(self.origin.port, self.log)

    def seeds(self, sites):
        return "".join(f"http://{host}/\n" for host in sorted(sites.hosts()))

    def test_every_page_once_and_nothing_that_is_forbidden(self):
        for seed in ("0", "1", "2"):
            with self.subTest(seed):
                sites = self.serve("--hosts", "10", "--seed", seed)
                run = self.crawl("-i", "-", "--log-rejected", self.rejected,
                                 data=self.seeds(sites))
                log = self.seen()
                self.assertEqual(list(site_log.incomplete(sites, log)), [], run.err)
                self.assertEqual(list(site_log.robots_late(log)), [])
                self.assertEqual(list(site_log.crowded(log)), [])
                results = found(run)
                self.assertEqual(set(results), sites.urls(*RESULTS))
                self.assertEqual({u for u, (status, _) in results.items() if status != 200},
                                 sites.urls("moved", "missing"))
                with open(self.rejected, encoding="utf-8") as lines:
                    text = lines.read()
                for url in sites.urls("denied", "nofollow"):
                    self.assertIn(url, text)

    def test_without_robots_everything_is_asked_for(self):
        sites = self.serve("--hosts", "5")
        run = self.crawl("--no-robots", "-i", "-", data=self.seeds(sites))
        log = self.seen()
        asked = {answer.url for answer in log.all()}
        self.assertEqual(run.status, 8, run.err)
        self.assertGreater(len(sites.kinds["denied"]), 0)
        self.assertLessEqual(sites.urls("denied", "nofollow", "style", "moved", "missing"), asked)
        self.assertFalse(asked & sites.urls("robots", "sitemap"))

    def test_span_hosts_goes_from_one_to_all(self):
        sites = self.serve("--hosts", "6", "--span")
        run = self.crawl("-H", f"{self.origin.url}/")
        self.assertEqual(set(found(run)), sites.urls(*RESULTS), run.err)
        self.assertEqual(list(site_log.incomplete(sites, self.seen())), [])

    def test_without_it_the_crawl_stays_on_its_host(self):
        sites = self.serve("--hosts", "6", "--span")
        run = self.crawl(f"{self.origin.url}/", "--log-rejected", self.rejected)
        host = site_log.host_of(self.origin.url)
        self.assertEqual({site_log.host_of(url) for url in found(run)}, {host}, run.err)
        self.assertEqual({a.url for a in self.seen().all()},
                         {u for u in sites.urls(*site_log.ONCE) if site_log.host_of(u) == host})
        with open(self.rejected, encoding="utf-8") as lines:
            self.assertIn("scope-host", lines.read())

    def test_traps_do_not_hold_it(self):
        sites = self.serve("--traps")
        run = self.crawl(f"{self.origin.url}/", "--max-pages-per-host", "500")
        asked = [answer.url for answer in self.seen().all()]
        self.assertEqual(len(asked), len(set(asked)), run.err)
        self.assertLessEqual(len(run.results), 500)
        # Breadth first: what is endless does not starve the rest.
        self.assertLessEqual(sites.urls(*RESULTS), set(found(run)))

    def test_paths_without_end_and_growing_queries_end_by_themselves(self):
        self.serve("--traps")
        run = self.crawl(f"{self.origin.url}/", "--exclude", "/calendar/|/session",
                         "--log-rejected", self.rejected)
        self.assertEqual(run.status, 8, run.err)  # some links are dead
        with open(self.rejected, encoding="utf-8") as lines:
            text = lines.read()
        self.assertTrue("trap-repeat" in text or "trap-depth" in text, text[:500])
        self.assertIn("trap-query", text)


def compare(folder, page):
    """The differences between the two crawlers, one a line."""
    nginx = Nginx(folder)
    try:
        seed = f"{nginx.url}/{page}"
        theirs = {url: p[:2] for url, p in site_crawler.crawl(seed).items()}
        ours = found(crawl(*ALL, seed))
    finally:
        nginx.stop()
    print(f"{len(theirs)} URLs by the independent crawler, {len(ours)} by trawl")
    for url in sorted(set(ours) | set(theirs)):
        if ours.get(url) != theirs.get(url):
            print(f"{url}: independent {theirs.get(url)}, trawl {ours.get(url)}")


if __name__ == "__main__":
    if len(sys.argv) == 3 and os.path.isdir(sys.argv[1]):
        compare(*sys.argv[1:])
    else:
        unittest.main()
