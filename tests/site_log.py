"""What tests/origin says of its sites (--list) and of what came (--access-log), and whether a crawl
was complete and kept to the rules by the server's own clock. tests/origin/origin.h describes both.
"""

import collections
import urllib.parse

ONCE = ("robots", "sitemap", "page", "style", "moved", "missing")
NEVER = ("denied", "nofollow")

Answer = collections.namedtuple("Answer", "head done connection arrival status url")  # microseconds


class Sites:
    """The list: kinds are sets of URLs, delays are the seconds of each host's Crawl-delay."""

    def __init__(self, *paths):
        self.kinds = collections.defaultdict(set)
        self.delays = collections.defaultdict(float)
        for path in paths:
            self._read(path)

    def _read(self, path):
        with open(path, encoding="ascii") as lines:
            for line in lines:
                kind, url, *more = line.rstrip("\n").split("\t")
                if kind == "delay":
                    self.delays[host_of(url)] = float(more[0])
                else:
                    self.kinds[kind].add(url)

    def urls(self, *kinds):
        return set().union(*(self.kinds[kind] for kind in kinds))

    def hosts(self):
        return {host_of(url) for url in self.kinds["robots"]}


def host_of(url):
    return urllib.parse.urlsplit(url).netloc


class Log:
    """Access logs of servers that all listen on one port; answers are in the order of their heads."""

    def __init__(self, port, *paths):
        self.answers, self.spans = collections.defaultdict(list), collections.defaultdict(list)
        for path in paths:
            self._read(path, port)
        for answers in self.answers.values():
            answers.sort()

    def _read(self, path, port):
        opened = {}
        with open(path, encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                what, begin, end, address, connection, *rest = line.split()
                host = f"{address}:{port}"
                if what == "open":
                    opened[connection] = int(begin)
                elif what == "close":
                    self.spans[host].append((opened[connection], int(end)))
                else:
                    self.answers[host].append(Answer(int(begin), int(end), connection, int(rest[0]),
                                                     int(rest[1]), f"http://{host}{rest[3]}"))

    def all(self):
        return [answer for answers in self.answers.values() for answer in answers]


def most_at_once(spans, slack_us=0):
    """How many of the spans (begin, end) lie over each other, when each is shorter by the slack."""
    events = sorted([(begin, 1) for begin, _ in spans] + [(end - slack_us, -1) for _, end in spans])
    now = most = 0
    for _, change in events:
        now += change
        most = max(most, now)
    return most


def incomplete(sites, log):
    """Sentences on what was not asked for once, or should not have been asked for."""
    counts = collections.Counter(answer.url for answer in log.all())
    traps = tuple(sites.kinds["trap"])
    known, never = sites.urls(*ONCE), sites.urls(*NEVER)
    for url in sorted(known):
        if counts[url] != 1:
            yield f"{url} was asked for {counts[url]} times"
    for url in sorted(set(counts) - known):
        if url in never:
            yield f"{url} is not to be asked for"
        elif not (traps and url.startswith(traps)):
            yield f"{url} is not on the list"


def robots_late(log):
    """Sentences on hosts where something else was asked for before robots.txt was answered."""
    for host, answers in sorted(log.answers.items()):
        first = answers[0]
        if not first.url.endswith("/robots.txt"):
            yield f"{host}: {first.url} came first"
        elif len(answers) > 1 and answers[1].head < first.done:
            yield f"{host}: {answers[1].url} came before robots.txt was answered"


def crowded(log, per_host=1):
    """Sentences on hosts that had more requests at once than allowed."""
    for host, answers in sorted(log.answers.items()):
        most = most_at_once([(a.head, a.done) for a in answers])
        if most > per_host:
            yield f"{host}: {most} requests at once"


def gaps(sites, log, wait):
    """(seconds less than the pause that is due, host, URL) for each request but a host's first: above
    0 is too early. Counted from arrival to arrival, for a busy server reads late."""
    for host, answers in log.answers.items():
        due = max(wait, sites.delays[host])
        for before, after in zip(answers, answers[1:]):
            yield due - (after.arrival - before.arrival) / 1e6, host, after.url
