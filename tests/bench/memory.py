"""A process in, what it and its children take out: memory at a moment or at the most, and time of cores."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EVERY = 0.05  # seconds between two looks
MB = 1_000_000


def tree(pid: int) -> list[int]:
    """A process and all that come from it."""
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:  # gone in between
                continue
    return found


def now(pid: int) -> int:
    """Bytes that the process and its children take of the machine; what several share counts once."""
    return _sum(pid, "Pss")


def own(pid: int) -> int:
    """The same without mapped files, which the machine may take back."""
    return _sum(pid, "Pss_Anon")


def _sum(pid: int, name: str) -> int:
    total = 0
    for each in tree(pid):
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        found = re.search(rf"^{name}:\s+(\d+) kB", text, re.M)
        total += int(found[1]) * 1024 if found else 0
    return total


def worked(pid: int) -> float:
    """Seconds of cores that the process and its children have worked so far."""
    ticks = 0
    for each in tree(pid):
        try:
            told = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Watched:
    """The most that was taken since the last look at it."""

    def __init__(self) -> None:
        self._most = 0

    def see(self, taken: int) -> None:
        self._most = max(self._most, taken)

    def most(self) -> int:
        """The most so far, forgotten with this."""
        most, self._most = self._most, 0
        return most


@contextmanager
def watched(pid: int) -> Iterator[Watched]:
    """Looks at a process again and again."""
    seen, over = Watched(), threading.Event()

    def look() -> None:
        while not over.wait(EVERY):
            began = time.monotonic()
            seen.see(now(pid))
            # a large process takes long to look at: never more than a tenth of the time
            over.wait(9 * (time.monotonic() - began))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        seen.see(now(pid))
