#!/usr/bin/python3
"""Scrapy: follows every link of a site on its host, and prints how many bytes came, in JSON.

    /usr/bin/python3 scrapy_site.py URL IN_FLIGHT

The links are taken by lxml in one expression, which is faster than Scrapy's link extractors, and all
that is of no use here is off: robots.txt, cookies, delays, the log, the console.
"""
import json
import re
import sys
import urllib.parse

import scrapy
import scrapy.crawler

LINKS = "//a/@href | //area/@href | //link/@href | //img/@src | //script/@src | //iframe/@src"
CSS_URL = re.compile(r"""url\(\s*["']?([^)"']+)["']?\s*\)""")


class Site(scrapy.Spider):
    name = "site"
    custom_settings = {"HTTPERROR_ALLOW_ALL": True}

    def __init__(self, seed, totals, **more):
        super().__init__(**more)
        self.seed, self.totals = seed, totals
        self.host = urllib.parse.urlsplit(seed).netloc

    def start_requests(self):
        yield scrapy.Request(self.seed)  # as any other, so that it is not asked for again

    def parse(self, response):
        self.totals["pages"] += 1
        self.totals["bytes"] += len(response.body)
        if isinstance(response, scrapy.http.HtmlResponse):
            links = response.xpath(LINKS).getall()
        elif b"css" in response.headers.get("Content-Type", b""):
            links = CSS_URL.findall(response.text)
        else:
            return
        for link in links:
            try:
                url = urllib.parse.urlsplit(response.urljoin(link.strip()))
            except ValueError:
                continue
            if url.netloc == self.host:
                yield scrapy.Request(url._replace(fragment="").geturl())


def main():
    seed, in_flight = sys.argv[1], int(sys.argv[2])
    totals = {"pages": 0, "bytes": 0}
    process = scrapy.crawler.CrawlerProcess({
        "CONCURRENT_REQUESTS": in_flight, "CONCURRENT_REQUESTS_PER_DOMAIN": in_flight,
        "ROBOTSTXT_OBEY": False, "COOKIES_ENABLED": False, "RETRY_ENABLED": False,
        "LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "DOWNLOAD_DELAY": 0,
        "HTTPPROXY_ENABLED": False, "REQUEST_FINGERPRINTER_IMPLEMENTATION": "2.7",
    })
    process.crawl(Site, seed=seed, totals=totals)
    process.start()
    json.dump(totals, sys.stdout)


if __name__ == "__main__":
    main()
