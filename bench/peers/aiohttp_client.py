#!/usr/bin/python3
"""aiohttp: an event loop in Python, every page at once."""
import asyncio

import aiohttp

import peer


async def first_characters(session, url):
    async with session.get(url) as answer:
        answer.raise_for_status()
        return (await answer.text())[:peer.CHARACTERS]


async def gather(urls):
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        return await asyncio.gather(*(first_characters(session, url) for url in urls))


def fetch_all(urls):
    return asyncio.run(gather(urls))


if __name__ == "__main__":
    peer.main(fetch_all)
