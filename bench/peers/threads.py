#!/usr/bin/python3
"""threading.Thread, four at a time: start four, join four, and on to the next four."""
import threading

import requests

import page
import peer


def fetch_all(urls):
    pages = [None] * len(urls)
    sessions = [requests.Session() for _ in range(peer.WORKERS)]

    def work(i):
        pages[i] = page.first_characters(urls[i], sessions[i % peer.WORKERS])

    for first in range(0, len(urls), peer.WORKERS):
        batch = [threading.Thread(target=work, args=(i,))
                 for i in range(first, min(first + peer.WORKERS, len(urls)))]
        for thread in batch:
            thread.start()
        for thread in batch:
            thread.join()
    return pages


if __name__ == "__main__":
    peer.main(fetch_all)
