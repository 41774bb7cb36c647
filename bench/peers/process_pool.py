#!/usr/bin/python3
"""multiprocessing.Pool(4): four forks of the interpreter."""
import functools
import multiprocessing

import page
import peer


@functools.lru_cache(maxsize=None)
def pool():
    """Ends with the program: nobody waits for that in the measured time."""
    return multiprocessing.Pool(peer.WORKERS)


def fetch_all(urls):
    return pool().map(page.first_characters, urls)


def ready():
    pool().map(page.wait, range(4 * peer.WORKERS), chunksize=1)


if __name__ == "__main__":
    peer.main(fetch_all, ready)
    pool().terminate()
    pool().join()
