"""Accept-Encoding in, a content coding out; bytes in, coded bytes out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import pyarrow as pa  # type: ignore[import-untyped]

from api.problems import NOT_ACCEPTABLE, Problem

IDENTITY = ""
_CODECS = {"zstd": ("zstd", 3), "br": ("brotli", 5), "gzip": ("gzip", 6)}  # the first of equals is taken
_WEIGHT = re.compile(r"\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*")


@lru_cache(maxsize=256)
def choose(accepted: str) -> str:
    """The coding that an Accept-Encoding asks for, empty for none; a problem where it refuses all that there are.

    >>> choose("gzip, br;q=0.5"), choose("gzip;q=0"), choose("*;q=0.1, zstd;q=0"), choose("")
    ('gzip', '', 'br', '')
    """
    weights = _weights(accepted)
    rest = weights.get("*", 0.0)
    best = max(_CODECS, key=lambda name: weights.get(name, rest))
    weight = weights.get(best, rest)
    if weight > 0 and weight >= weights.get("identity", weights.get("*", 0.0)):
        return best
    if not plain(accepted):
        raise Problem(
            NOT_ACCEPTABLE,
            detail=(
                f"Accept-Encoding 拒绝了服务器所有的编码: identity, {', '.join(_CODECS)}。",
                f"Accept-Encoding refuses all codings that there are: identity, {', '.join(_CODECS)}.",
            ),
        )
    return IDENTITY


@lru_cache(maxsize=1024)
def plain(accepted: str) -> bool:
    """Whether an Accept-Encoding takes a body without a coding."""
    weights = _weights(accepted)
    return weights.get("identity", weights.get("*", 1.0)) > 0


def _weights(accepted: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in accepted[:1000].lower().split(","):
        name, _, option = item.partition(";")
        found = _WEIGHT.fullmatch(option)
        weights[name.strip().replace("x-gzip", "gzip")] = float(found[1]) if found else 0.0 if option.strip() else 1.0
    return weights


def code(body: bytes, coding: str) -> bytes:
    """The body in a coding."""
    if coding == IDENTITY:
        return body
    name, level = _CODECS[coding]
    coded: bytes = pa.Codec(name, compression_level=level).compress(body, asbytes=True)
    return coded


def stream(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Pieces of a body as pieces in a coding, holding one at a time."""
    if coding == IDENTITY:
        yield from pieces
        return
    sink = Sink()
    with pa.CompressedOutputStream(pa.PythonFile(sink, mode="w"), _CODECS[coding][0]) as coder:
        for piece in pieces:
            coder.write(piece)
            if coded := sink.taken():
                yield coded
    yield sink.taken()


class Sink(io.RawIOBase):
    """A file to write to that gives away what was written so far."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """True: that is all it is for."""
        return True

    def write(self, piece: object) -> int:
        """Keeps the bytes until they are taken."""
        whole = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(whole)
        return len(whole)

    def taken(self) -> bytes:
        """What was written since this was asked last."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole
