"""No test is forgotten: each file of one is named in tests/meson.build."""

import os
import re
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def named():
    with open(os.path.join(HERE, "meson.build"), encoding="utf-8") as file:
        text = re.sub(r"#.*", "", file.read())
    return set(re.findall(r"'([^']*)'", text))


def files(folder, prefix, *ends):
    return [os.path.splitext(name)[0].removeprefix(prefix)
            for name in os.listdir(os.path.join(HERE, folder))
            if name.startswith(prefix) and name.endswith(ends)]


class Declared(unittest.TestCase):
    def test_every_unit_test(self):
        tests = files("", "test_", ".c")
        self.assertGreater(len(tests), 20)
        self.assertEqual([name for name in tests if name not in named()], [])

    def test_every_test_in_a_script(self):
        scripts = files("", "test_", ".py", ".sh")
        self.assertGreater(len(scripts), 3)
        known = named() | {re.sub(r".*test_|\.sh$", "", name) for name in named()}
        self.assertEqual([name for name in scripts if name not in known], [])

    def test_every_fuzzer(self):
        fuzzers = files("fuzz", "fuzz_", ".c")
        self.assertGreater(len(fuzzers), 3)
        self.assertEqual([name for name in fuzzers if name not in named()], [])


if __name__ == "__main__":
    unittest.main()
