"""The shared library exports what trawl.h declares, and nothing else.

Usage: test_exports.py LIBTRAWL.SO
"""

import os
import re
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIBRARY = sys.argv.pop()


def exported():
    out = subprocess.run(["nm", "-D", "--defined-only", LIBRARY],
                         check=True, capture_output=True, text=True).stdout
    return {line.split()[-1].split("@")[0] for line in out.splitlines()}


def declared():
    with open(os.path.join(ROOT, "src/trawl.h"), encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", " ", file.read(), flags=re.S)
    return set(re.findall(r"^TRAWL_EXTERN\b[^;(]*?(\w+)\(", text, re.M))


class Exports(unittest.TestCase):
    def test_what_is_declared_is_exported_and_nothing_else(self):
        self.assertGreater(len(declared()), 10)
        self.assertEqual(exported(), declared())

    def test_all_names_begin_with_trawl(self):
        self.assertEqual([n for n in exported() if not n.startswith("trawl_")], [])

    def test_every_function_of_the_header_is_marked(self):
        with open(os.path.join(ROOT, "src/trawl.h"), encoding="utf-8") as file:
            text = re.sub(r"/\*.*?\*/", " ", file.read(), flags=re.S)
        prototypes = re.findall(r"^(?!typedef|#|\s)[\w *]*?\b(trawl_\w+)\(", text, re.M)
        self.assertEqual(set(prototypes), declared())


if __name__ == "__main__":
    unittest.main()
