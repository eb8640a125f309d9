"""A lexicon file in, its rules out: what is enumerable and known, kept as data with the reason beside it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec

from loaders.seeds import FOLDER

SEEDS = FOLDER / "lexicon"


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule: its words or its pattern, what they mean, why, and what it must and must not match."""

    name: str
    reason: str
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]
    words: tuple[str, ...] = ()
    pattern: str = ""
    result: Any = ""  # text, or a list of texts: what it is belongs to the file
    place: str = ""  # on which side of a number the words stand
    whole: bool = False  # the pattern must match all, not a part

    @property
    def source(self) -> str:
        """The rule as a regular expression, the longest word first."""
        return self.pattern or "|".join(re.escape(word) for word in sorted(self.words, key=len, reverse=True))


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rule: tuple[Rule, ...]


@cache
def rules(name: str) -> tuple[Rule, ...]:
    """The rules of ``seeds/lexicon/<name>.toml``, in their order; a broken file is named, with its fault."""
    path = SEEDS / f"{name}.toml"
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=_File).rule
    except (OSError, msgspec.DecodeError) as fault:
        raise ValueError(f"seeds/lexicon/{path.name}: {fault}") from fault
    seen: set[str] = set()
    for rule in found:
        if rule.name in seen:
            raise ValueError(f"seeds/lexicon/{path.name}: the rule {rule.name} stands there twice")
        if bool(rule.words) == bool(rule.pattern):
            raise ValueError(f"seeds/lexicon/{path.name}: the rule {rule.name} needs words or a pattern, not both")
        seen.add(rule.name)
    return found


@cache
def pattern(name: str, *results: str) -> re.Pattern[str]:
    """All rules of a file with one of these results as one expression, the first rule before the others."""
    chosen = [f"(?:{rule.source})" for rule in rules(name) if rule.result in results]
    if not chosen:
        raise ValueError(f"seeds/lexicon/{name}.toml: no rule has the result {', '.join(results)}")
    return re.compile("|".join(chosen))
