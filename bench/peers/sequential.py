#!/usr/bin/python3
"""requests, one page after another."""
import page
import peer


def fetch_all(urls):
    return [page.first_characters(url) for url in urls]


if __name__ == "__main__":
    peer.main(fetch_all)
