"""Pairs of snapshots in, their differences out, made once and kept for the pages that follow."""

from __future__ import annotations

import threading
from collections import OrderedDict

from api.changes import Diff
from api.snapshot import Snapshot

_MOST = 4  # pairs that are kept; as many earlier snapshots as usual


class Differences:
    """The differences that were asked for last. Used from threads."""

    def __init__(self, memory_mb: int) -> None:
        self._memory_mb = memory_mb
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[str, str], Diff] = OrderedDict()

    def between(self, since: Snapshot, now: Snapshot) -> Diff:
        """What differs in ``now``. One is made at a time: the second who asks for the same waits for it."""
        pair = since.id, now.id
        with self._lock:
            found = self._made.get(pair)
            if found is None:
                found = self._made[pair] = Diff(since.path, now.path, self._memory_mb)
            self._made.move_to_end(pair)
            if len(self._made) > _MOST:
                self._made.popitem(last=False)  # closed when the last page that reads it is made
            return found

    def tidy(self) -> None:
        """Lets go what files were deleted of, which would stay on the disk; later, where one is just being made."""
        if self._made and self._lock.acquire(blocking=False):
            try:
                for pair in [pair for pair, made in self._made.items() if not made.there]:
                    del self._made[pair]
            finally:
                self._lock.release()

    def close(self) -> None:
        """Lets all go."""
        with self._lock:
            self._made.clear()
