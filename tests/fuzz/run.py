"""A target fuzzed by atheris until its time is over: a process of its own, since libFuzzer ends it."""

from __future__ import annotations

import hashlib
import random
import sys
import traceback
from pathlib import Path

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # installed where it is fuzzed

with atheris.instrument_imports(include=["loaders"]):
    from tests.fuzz import targets
from tests.fuzz.words import TAGS, WORDS


class _Findings:
    """Inputs that broke something, one for each place that broke: the fuzzer goes on after it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, int] = {}

    def add(self, data: bytes, error: BaseException) -> None:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "loaders" in frame.filename]
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else str(error)[:40]
        kind = f"{type(error).__name__} {place}"
        if self._seen.get(kind, sys.maxsize) <= len(data):
            return
        self._seen[kind] = len(data)
        name = hashlib.sha256(kind.encode()).hexdigest()[:8]
        (self._folder / f"{name}.bin").write_bytes(data)
        told = "".join(traceback.format_exception(error))
        (self._folder / f"{name}.txt").write_text(f"{kind}\n{told}", encoding="utf-8")


def _mutated(vocabulary: tuple[str, ...]) -> object:
    """A mutator that puts words together, and leaves every third change to libFuzzer's own."""

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)  # noqa: S311  repeatable, no secret
        if chance.random() < 0.34:
            return bytes(atheris.Mutate(data, most))
        text = data.decode("utf-8", "ignore")
        for _ in range(chance.choice((1, 1, 2, 4))):
            at = chance.randint(0, len(text))
            end = min(len(text), at + chance.choice((0, 0, 0, 1, 2, 5, 20)))
            piece = "".join(chance.choice(vocabulary) for _ in range(chance.choice((0, 1, 1, 2, 5))))
            if chance.random() < 0.15 and text:
                begin = chance.randrange(len(text))
                piece = text[begin : begin + chance.randint(1, 60)] * chance.choice((1, 1, 2, 8))
            text = text[:at] + piece + text[end:]
        return text.encode()[:most]

    return mutate


def main() -> None:
    target, findings, *arguments = sys.argv[1:]
    check, found = targets.TARGETS[target], _Findings(Path(findings))
    targets.LEAST, targets.EACH = 4 * targets.LEAST, 4 * targets.EACH  # what counts the branches slows them down

    def one(data: bytes) -> None:
        try:
            check(data)
        except Exception as error:  # whatever it is, it is a finding
            found.add(data, error)

    vocabulary = WORDS + TAGS * (3 if target == "page" else 0)
    atheris.Setup(["fuzz", *arguments], one, custom_mutator=_mutated(vocabulary))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
