"""What the fuzzer found worth keeping is read again: each input of its corpus keeps to what must hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders import audit
from tests.fuzz import targets

KEPT = [path for target in targets.TARGETS for path in targets.kept(target)]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_input_of_the_corpus_keeps_to_what_must_hold(path: Path) -> None:
    targets.TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("target", targets.TARGETS)
def test_the_corpus_of_a_target_stays_small(target: str) -> None:
    sizes = [path.stat().st_size for path in targets.kept(target)]
    assert 3 <= len(sizes) <= 60
    assert max(sizes) <= targets.LONGEST // 4


def test_what_a_reader_breaks_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "count", lambda *_: {"figures": 3, "observed": 1, "not_values": 0, "unread": ()})
    with pytest.raises(AssertionError):
        targets.of_extract("增长5%。".encode())
    monkeypatch.setattr(targets, "LEAST", -1.0)
    with pytest.raises(targets.Slow):
        targets.of_table("指标".encode())
