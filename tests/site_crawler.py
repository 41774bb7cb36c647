"""A crawler to compare with: what Python's own library makes of a site, in a loop.

It shares nothing with trawl: html.parser reads the pages, urllib.parse resolves the links, http.client
fetches them, one after another on one connection. It stays on one host and asks for every URL once.

    python3 tests/site_crawler.py URL      prints "STATUS BYTES URL" of everything it finds
"""

import collections
import html.parser
import http.client
import re
import sys
import urllib.parse

Page = collections.namedtuple("Page", "status bytes links")

# Where HTML has URLs, by element.
ATTRIBUTES = {
    "a": ("href",), "area": ("href",), "link": ("href",), "frame": ("src",), "iframe": ("src",),
    "img": ("src",), "source": ("src",), "script": ("src",), "object": ("data",), "embed": ("src",),
    "video": ("src", "poster"), "audio": ("src",), "track": ("src",), "input": ("src",),
}
CSS_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)\s"']*))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')""",
                     re.IGNORECASE)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
REFRESH = re.compile(r"^\s*[\d.]+\s*[;,]?\s*(?:url\s*=)?\s*['\"]?([^'\"]*)", re.IGNORECASE)
# What may stand in a path and query as it is; the rest is percent-encoded.
SAFE = "!$%&'()*+,-./:;=?@[]_~|^\\`{}"


def css_links(text):
    return ["".join(groups) for groups in CSS_URL.findall(CSS_COMMENT.sub("", text))]


class Links(html.parser.HTMLParser):
    """The URLs of a page as they are written, and its base."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found, self.base, self.in_style = [], None, False

    def handle_starttag(self, tag, attrs):
        values = {}
        for name, value in attrs:
            values.setdefault(name, value or "")  # of equal names the first counts
        if "nofollow" in values.get("rel", "").lower().split():
            return
        if tag == "base" and self.base is None:
            self.base = values.get("href")
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.found += [u for u in REFRESH.findall(values.get("content", "")) if u]
        if tag == "form" and values.get("method", "get").lower() == "get" and "action" in values:
            self.found.append(values["action"])
        self.found += [values[name] for name in ATTRIBUTES.get(tag, ()) if name in values]
        for candidate in values.get("srcset", "").split(","):
            self.found += candidate.split()[:1]
        self.found += css_links(values.get("style", ""))
        self.in_style = tag == "style"

    def handle_endtag(self, tag):
        self.in_style = self.in_style and tag != "style"

    def handle_data(self, data):
        if self.in_style:
            self.found += css_links(data)


def canonical(base, link):
    """The absolute URL without fragment, or None for what is not http."""
    link = re.sub(r"[\t\r\n]", "", link).strip()
    # A backslash is a slash there, to browsers and the URL standard, but not to urllib.
    link = re.sub(r"^[^?#]*", lambda before: before[0].replace("\\", "/"), link)
    try:
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(base, link))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    path = urllib.parse.quote(parts.path or "/", safe=SAFE.replace("?", ""))
    query = urllib.parse.quote(parts.query, safe=SAFE)
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def page_links(url, kind, body):
    """The canonical URLs that an answer of that media type links to."""
    text = body.decode("utf-8", "replace")
    if kind == "text/css":
        return {canonical(url, link) for link in css_links(text)}
    if kind != "text/html":
        return set()
    page = Links()
    page.feed(text)
    page.close()
    base = canonical(url, page.base) if page.base else url
    return {canonical(base or url, link) for link in page.found}


def ask(connection, url):
    """The page of a URL; the links of a redirect are where it leads."""
    parts = urllib.parse.urlsplit(url)
    connection.request("GET", parts.path + ("?" + parts.query if parts.query else ""))
    answer = connection.getresponse()
    body = answer.read()
    links = page_links(url, answer.headers.get_content_type(), body)
    if 300 <= answer.status < 400 and "Location" in answer.headers:
        links = {canonical(url, answer.headers["Location"])}
    return Page(answer.status, len(body), links - {None})


def crawl(seed):
    """{URL: Page} of everything that can be reached from the seed on its host."""
    host = urllib.parse.urlsplit(seed).netloc
    connection = http.client.HTTPConnection(host, timeout=60)
    pages, todo = {seed: None}, [seed]
    for url in todo:
        pages[url] = ask(connection, url)
        for link in sorted(pages[url].links):
            if urllib.parse.urlsplit(link).netloc == host and link not in pages:
                pages[link] = None
                todo.append(link)
    connection.close()
    return pages


def reach(pages, seed, allowed, level=None):
    """The URLs that are reached from the seed by way of what is allowed, in so many links."""
    depth, todo = {seed: 0}, [seed]
    for url in todo:
        if depth[url] == level:
            continue
        for link in pages[url].links:
            if link in pages and link not in depth and allowed(link):
                depth[link] = depth[url] + (0 if 300 <= pages[url].status < 400 else 1)
                todo.append(link)
    return set(depth)


def main():
    for url, page in sorted(crawl(canonical(sys.argv[1], "")).items()):
        print(page.status, page.bytes, url)


if __name__ == "__main__":
    main()
