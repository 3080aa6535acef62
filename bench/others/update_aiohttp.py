"""The bulk run in Python with aiohttp: concurrent loops in one session; every response is parsed."""

import asyncio
import resource
import sys
import time

import aiohttp

url, count, concurrency, body = sys.argv[1:5]
count, concurrency = int(count), int(concurrency)
HEADERS = {
    "Authorization": "Bearer token",
    "Content-Type": "application/json",
    "Accept": "application/json",
}


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def run(session, number):
    items = iter(range(number))

    async def worker():
        for _ in items:
            async with session.post(url, data=body, headers=HEADERS) as answer:
                route = await answer.json()
                assert answer.status == 200 and route["TrunkIp1"] == "20.87.87.87"

    await asyncio.gather(*(worker() for _ in range(concurrency)))


async def main():
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector) as session:
        await run(session, 500)
        used, clock = cpu(), time.monotonic()
        await run(session, count)
        used, clock = cpu() - used, time.monotonic() - clock
    print(f"{used / count * 1e6:.3f} {clock / count * 1e6:.3f}")


asyncio.run(main())
