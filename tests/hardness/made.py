"""Numbers in, published editions of made-up observations out: ``python -m tests.hardness.made DATA FIRST TIMES PAUSE KEEP``.

Edition N holds so many observations as no other does; each says in its section that it is of edition N, and each number
has N as its thousandths. So an answer that mixes two editions is found by itself. Prints a line of JSON for each.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from unittest import mock

import duckdb
import msgspec

from loaders import kept
from tests.bench import publication, synthetic

SIZE, STEP = 14_000, 7  # observations of edition 0, and how many each has more than the one before
SEED = 1
REGIONS = ("110101", "110102", "110103")  # of which there is something, of the last a little
_STAMP = """
UPDATE observations SET
  section = 'edition-' || $number || '-',
  value = floor(value) + $number / 1000::DECIMAL(24, 6),
  value_high = floor(value_high) + $number / 1000::DECIMAL(24, 6);
UPDATE documents SET title = title || ' edition-' || $number || '-'
"""


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """What was published."""

    number: int
    snapshot: str
    observations: int
    seconds: float


def publish(data: Path, number: int) -> Edition:
    """Publish an edition."""
    plain, began = synthetic.fill, time.monotonic()

    def stamped(base: duckdb.DuckDBPyConnection, size: int, seed: int) -> None:
        plain(base, size, seed)
        for statement in _STAMP.replace("$number", str(number)).split(";"):
            base.execute(statement)

    with mock.patch.object(synthetic, "fill", stamped):
        made = publication.publish(data, SIZE + STEP * number, SEED)
    return Edition(
        number=number, snapshot=made.snapshot, observations=made.size, seconds=round(time.monotonic() - began, 1)
    )


def main(data: str, first: str, times: str, pause: str, keep: str) -> None:
    for number in range(int(first), int(first) + int(times)):
        sys.stdout.buffer.write(msgspec.json.encode(publish(Path(data), number)) + b"\n")
        sys.stdout.flush()
        kept.prune(Path(data), keep=int(keep), seconds=0)
        time.sleep(float(pause))


if __name__ == "__main__":
    main(*sys.argv[1:])
