"""The bulk run in Python with requests: threads with a session each; every response is parsed."""

import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import requests

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


def work(session, number):
    for _ in range(number):
        answer = session.post(url, data=body, headers=HEADERS)
        assert answer.status_code == 200 and answer.json()["TrunkIp1"] == "20.87.87.87"


def run(pool, sessions, number):
    shares = [(number + i) // concurrency for i in range(concurrency)]
    list(pool.map(work, sessions, shares))


with ThreadPoolExecutor(concurrency) as threads:
    kept = [requests.Session() for _ in range(concurrency)]
    run(threads, kept, 500)
    used, clock = cpu(), time.monotonic()
    run(threads, kept, count)
    used, clock = cpu() - used, time.monotonic() - clock
print(f"{used / count * 1e6:.3f} {clock / count * 1e6:.3f}")
