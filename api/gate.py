"""A request's headers in, its caller out: a key or an address, what it may do, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from api import callers, limits, problems
from api.key_file import Key, Unavailable
from api.keys import Keys, Wrong
from api.limits import Buckets, Rate, Taken
from api.problems import Headers, Problem
from api.settings import Settings
from api.usage import Usage

Budget = Literal["data", "metadata", "exports"]
BUDGETS: dict[Budget, str] = {
    "data": "Observations and what is made of them, and requests that lead nowhere",
    "metadata": "The service, regions, categories, years, indicators, documents, codes, this contract",
    "exports": "Exports; they need a key",
}
_WRONG = {
    "malformed": (
        "X-API-Key 不是本服务的密钥, 可能有误写。",
        "X-API-Key holds no key of this service; it may be mistyped.",
    ),
    "unknown": ("没有这个密钥。", "There is no such key."),
    "expired": ("密钥已过期。", "The key has expired."),
    "revoked": ("密钥已被撤销。", "The key was revoked."),
}


class Caller(Struct, frozen=True):
    """Who asks: the name that limits go by, and the key, if one was given."""

    name: str
    key: Key | None = None


class Gate:
    """Knows keys and limits, and counts."""

    def __init__(self, settings: Settings) -> None:
        self._proxies = callers.Proxies.parse(settings.proxies)
        self._buckets = Buckets(settings.data / "limits")
        self.keys = Keys(settings.data)
        self.usage = Usage(settings.data)
        self.rates: dict[Budget, tuple[Rate, Rate]] = {  # of an address, of a key
            "data": (settings.public_rate, settings.key_rate),
            "metadata": (settings.metadata_rate, settings.metadata_key_rate),
            "exports": (settings.public_rate, settings.export_rate),
        }

    def address(self, scope: Mapping[str, Any]) -> Caller:
        """The caller by the address alone."""
        return Caller(callers.address(scope, self._proxies))

    def keyed(self, text: str) -> Caller:
        """The caller by a key; a problem where that is none that holds."""
        try:
            key = self.keys.find(text)
        except Wrong as error:
            raise Problem(problems.UNAUTHORIZED, detail=_WRONG[error.reason]) from None
        except Unavailable:
            raise Problem(problems.NO_KEYS) from None
        return Caller(key.prefix, key)

    def rate(self, key: Key | None, budget: Budget) -> Rate:
        """How often a caller may ask. A key's own rate stands for the defaults; it never widens that of exports."""
        public, keyed = self.rates[budget]
        if key is None or (budget != "exports" and "read" not in key.scopes):
            return public
        if key.rate is None:
            return keyed
        return min(key.rate, keyed, key=lambda rate: rate.count / rate.seconds) if budget == "exports" else key.rate

    def take(self, caller: Caller, budget: Budget, cost: int = 1) -> tuple[Headers, bool]:
        """The headers that tell the limit, and whether the request is within it; at no cost it only tells."""
        rate, taken = self.look(caller, budget, cost)
        return limits.headers(budget, rate, taken), taken.allowed

    def look(self, caller: Caller, budget: Budget, cost: int = 0) -> tuple[Rate, Taken]:
        """A caller's rate, and how much of it is left."""
        rate = self.rate(caller.key, budget)
        return rate, self._buckets.take(f"{budget} {caller.name}".encode(), rate, cost=cost)

    def close(self) -> None:
        """Writes down what was counted; who asks later is served all the same."""
        self.usage.close()
        self.keys.close()
