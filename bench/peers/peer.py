"""What every program here does around its strategy: read the URLs, take the time, print the result.

    /usr/bin/python3 sequential.py [--warm] URLS.txt

The clock starts when the interpreter is up and everything is imported, and stops when the first 100
characters of every page are there. Starting threads or worker processes counts, as it does for whoever
calls the program's function; with --warm the worker processes stand before the clock starts.
"""
import argparse
import json
import sys
import time

CHARACTERS = 100
WORKERS = 4


def main(fetch_all, ready=None):
    """fetch_all: from a list of URLs to the list of the pages' first characters, in order.

    ready: starts the workers for --warm; None if the program has nothing to start."""
    parser = argparse.ArgumentParser(description="fetch the pages of a list of URLs")
    parser.add_argument("--warm", action="store_true", help="start workers before the clock")
    parser.add_argument("list", help="a file with a URL in each line")
    args = parser.parse_args()
    with open(args.list, encoding="utf-8") as lines:
        urls = [line.strip() for line in lines if line.strip()]
    if args.warm and ready is not None:
        ready()
    begin = time.perf_counter()
    pages = fetch_all(urls)
    seconds = time.perf_counter() - begin
    json.dump({"seconds": seconds, "pages": pages}, sys.stdout)
