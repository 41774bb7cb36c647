#!/usr/bin/python3
"""aiohttp as a fetcher of a list: so many at a time, a JSON object a URL, as trawl writes them.

    /usr/bin/python3 aiohttp_lines.py -j 64 -o OUT.jsonl URLS.txt
"""
import argparse
import asyncio
import json
import time

import aiohttp

CHARACTERS = 100


async def fetch(session, index, url):
    begin = time.perf_counter()
    result = {"index": index, "url": url, "status": 0, "content_type": None, "bytes": 0, "error": None}
    try:
        async with session.get(url) as answer:
            body = await answer.read()
            text = body[:16 * CHARACTERS].decode(answer.charset or "utf-8", errors="replace")
            result |= {"final_url": str(answer.url), "status": answer.status, "bytes": len(body),
                       "content_type": answer.content_type, "excerpt": text[:CHARACTERS]}
    except (aiohttp.ClientError, asyncio.TimeoutError) as error:
        result["error"] = {"name": type(error).__name__, "message": str(error)}
    result["ms"] = {"total": round((time.perf_counter() - begin) * 1000, 3)}
    return result


async def work(session, urls, out):
    """Workers take from one list, so that as many are in flight as there are workers."""
    for index, url in urls:
        out.write(json.dumps(await fetch(session, index, url)) + "\n")


async def run(args):
    with open(args.list, encoding="utf-8") as lines, open(args.out, "w", encoding="utf-8") as out:
        urls = enumerate(line.strip() for line in lines)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(work(session, urls, out) for _ in range(args.in_flight)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-j", "--in-flight", type=int, default=64)
    parser.add_argument("-o", "--out", required=True)
    parser.add_argument("list", help="a file with a URL in each line")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
