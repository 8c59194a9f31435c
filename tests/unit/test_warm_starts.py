"""Starts of processes that have their packages already."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import warm_starts


def end_with(code, seconds):
    time.sleep(seconds)
    os._exit(code)


def test_each_thread_hears_of_the_end_of_its_own_process():
    codes = [1 + i % 7 for i in range(200)]
    with ThreadPoolExecutor(4) as threads:
        ends = threads.map(lambda code: warm_starts.start(end_with, code, 0.002 * code), codes)
    assert list(ends) == codes
