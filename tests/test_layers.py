"""The layer rule holds in src/, and the checker finds what breaks it."""

import os
import tempfile
import unittest

import layers

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# A small tree that keeps the rule.
GOOD = {
    "trawl.h": "#include <stddef.h>\n#include <uv.h>\n",
    "base/buf.h": "#include <stddef.h>\n",
    "base/buf.c": '#include "base/buf.h"\n#include "trawl.h"\n',
    "parse/url.h": '#include "base/buf.h"\n',
    "frontier/queue.h": '#include "parse/url.h"\n#include "base/buf.h"\n',
    "fetch/loop.h": '#include "base/buf.h"\n#include <uv.h>\n',
    "fetch/loop.c": '#include "fetch/loop.h"\n#include <curl/curl.h>\n',
    "sink/json.h": '#include "base/buf.h"\n',
    "crawl/core.h": '#include "frontier/queue.h"\n#include "fetch/loop.h"\n#include "sink/json.h"\n',
    "crawl/hop.c": '#include "crawl/core.h"\n#include <uv.h>\n',
    "cli/options.h": '#include "trawl.h"\n#include <uv.h>\n',
    "cli/main.c": '#include "cli/options.h"\n',
}

# (file, line) that break it, each on its own.
BAD = [
    ("base/buf.c", '#include "parse/url.h"'),
    ("base/buf.c", "#include <uv.h>"),
    ("base/buf.c", "#include <curl/curl.h>"),
    ("parse/url.h", '#include "frontier/queue.h"'),
    ("parse/url.h", '#include "fetch/loop.h"'),
    ("parse/url.h", "#include <uv.h>"),
    ("frontier/queue.h", '#include "fetch/loop.h"'),
    ("frontier/queue.h", '#include "sink/json.h"'),
    ("frontier/queue.h", "#include <uv.h>"),
    ("fetch/loop.c", '#include "frontier/queue.h"'),
    ("fetch/loop.c", '#include "sink/json.h"'),
    ("fetch/loop.c", '#include "parse/url.h"'),
    ("fetch/loop.c", '#include "crawl/core.h"'),
    ("sink/json.h", '#include "fetch/loop.h"'),
    ("sink/json.h", '#include "frontier/queue.h"'),
    ("sink/json.h", '#include "parse/url.h"'),
    ("sink/json.h", '#include "cli/options.h"'),
    ("sink/json.h", "#include <uv.h>"),
    ("cli/main.c", '#include "base/buf.h"'),
    ("cli/main.c", '#include "crawl/core.h"'),
    ("cli/main.c", '#include "fetch/loop.h"'),
    ("cli/main.c", "#include <curl/curl.h>"),
    ("crawl/hop.c", '#include "cli/options.h"'),
    ("crawl/hop.c", "#include <curl/multi.h>"),
    ("trawl.h", '#include "base/buf.h"'),
    ("trawl.h", "#include <curl/curl.h>"),
    # However it is written.
    ("cli/main.c", '  #  include   "base/buf.h"'),
    ("cli/main.c", '/* */ #include "base/buf.h"'),
    ("cli/main.c", '#include /* */ "base/buf.h"'),
    ("cli/main.c", '#include \\\n "base/buf.h"'),
    ("cli/main.c", '#include "../base/buf.h"'),
    ("cli/main.c", '#include "cli/../base/buf.h"'),
    ("cli/main.c", "#include <base/buf.h>"),
    ("cli/main.c", "#include <../src/base/buf.h>"),
    ("cli/main.c", '#include "options.h"'),
    ("cli/main.c", "#include HEADER"),
    ("sink/json.h", '#include "uv.h"'),
    # Files that no rule names.
    ("extra/new.c", ""),
    ("other.c", ""),
]


def write_tree(root, files):
    for path, text in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)


class Layers(unittest.TestCase):
    def test_the_project_keeps_the_rule(self):
        self.assertEqual(layers.violations(os.path.join(ROOT, "src")), [])

    def test_every_room_is_read(self):
        rooms = {e.name for e in os.scandir(os.path.join(ROOT, "src")) if e.is_dir()}
        self.assertEqual(rooms, {"base", "parse", "frontier", "fetch", "sink", "crawl", "cli"})

    def test_a_tree_that_keeps_it_passes(self):
        with tempfile.TemporaryDirectory() as root:
            write_tree(root, GOOD)
            self.assertEqual(layers.violations(root), [])

    def test_comments_are_no_includes(self):
        text = '/* a\n#include "fetch/loop.h"\n*/\n// #include "fetch/loop.h"\n'
        with tempfile.TemporaryDirectory() as root:
            write_tree(root, {**GOOD, "sink/json.h": text})
            self.assertEqual(layers.violations(root), [])

    def test_each_violation_is_found(self):
        for path, line in BAD:
            with self.subTest(path=path, line=line), tempfile.TemporaryDirectory() as root:
                write_tree(root, {**GOOD, path: GOOD.get(path, "") + line + "\n"})
                found = layers.violations(root)
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(path + ":"), found)


if __name__ == "__main__":
    unittest.main()
