#!/usr/bin/python3
"""joblib's Parallel(n_jobs=4), which starts four interpreters and keeps them."""
from joblib import Parallel, delayed

import page
import peer


def run(function, arguments):
    return Parallel(n_jobs=peer.WORKERS)(delayed(function)(argument) for argument in arguments)


def fetch_all(urls):
    return run(page.first_characters, urls)


def ready():
    run(page.wait, range(4 * peer.WORKERS))


if __name__ == "__main__":
    peer.main(fetch_all, ready)
