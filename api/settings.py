"""Environment variables and one file in, the server's settings out.

Each setting is a line of ``SETTINGS``: reading, the variables of worker processes, the help of ``serve`` and the
README's table come from it. A variable is the name in capitals after ``PLAN_INDICATORS_``. The file is TOML with the
names as they are: the one that PLAN_INDICATORS_SETTINGS names, which must be there, else ``settings.toml`` in the data
folder, where there is one; an empty PLAN_INDICATORS_SETTINGS means none. Variables win over the file. The folder itself
cannot stand in the file, since all commands need it and the file is looked for in it.
"""

from __future__ import annotations

import os
import re
import stat
import textwrap
import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from api.limits import MOST, UNITS, Rate

PREFIX = "PLAN_INDICATORS_"
FILE = "settings.toml"
_NAMED = PREFIX + "SETTINGS"
_OTHERS = frozenset({_NAMED, PREFIX + "CORPUS"})  # of the same family, but no settings of the server
_LARGEST = 65_536  # bytes of the file
_MOST = 100  # origins, networks
_ORIGIN = re.compile(r"https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")


class Invalid(ValueError):
    """A setting that cannot be used; the message names it and says what is allowed."""


class Settings(Struct, frozen=True, kw_only=True):
    """What the server needs to know; ``SETTINGS`` says what each one means and allows."""

    data: Path = Path("./var")
    origins: tuple[str, ...] = ("*",)
    proxies: tuple[str, ...] = ()
    threads: int = msgspec.field(default_factory=lambda: min(os.cpu_count() or 2, 64))
    waiting: int = 64
    query_seconds: int = 30
    exports: int = 8
    patience: int = 60
    memory_mb: int = 1024
    cache_mb: int = 64
    max_age: int = 60
    public_rate: Rate = Rate(600, 60)
    key_rate: Rate = Rate(6_000, 60)
    metadata_rate: Rate = Rate(600, 60)
    metadata_key_rate: Rate = Rate(6_000, 60)
    export_rate: Rate = Rate(120, 60)
    log: Literal["requests", "errors"] = "requests"
    metrics: bool = True


class Setting(Struct, frozen=True, kw_only=True):
    """One setting: its name, what it means, what is allowed, and how its text is read (ValueError: not allowed).

    ``written`` is what TOML holds; ``default`` says what a default means where its text does not.
    """

    name: str
    about: str
    allowed: str
    parse: Callable[[str], Any]
    written: tuple[type, ...] = (str,)
    default: str = ""

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


def _folder(text: str) -> Path:
    if not text or "\0" in text:
        raise ValueError
    return Path(text)


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(text.split())
    if origins != ("*",) and not (0 < len(origins) <= _MOST and all(map(_ORIGIN.fullmatch, origins))):
        raise ValueError
    return origins


def _proxies(text: str) -> tuple[str, ...]:
    networks = tuple(text.split())
    if len(networks) > _MOST or "%" in text:  # a zone is of one machine
        raise ValueError
    for network in networks:
        ip_network(network)
    return networks


def _switch(text: str) -> bool:
    return {"on": True, "off": False}[text]


def _number(name: str, least: int, most: int, about: str, default: str = "") -> Setting:
    def parse(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError
        return int(text)

    allowed = f"a whole number from {least} to {most}"
    return Setting(name=name, about=about, allowed=allowed, parse=parse, written=(int,), default=default)


def _rate(name: str, about: str) -> Setting:
    allowed = f"a rate like 600/minute, 1 to {MOST:,} in one {' or '.join(UNITS)}"
    return Setting(name=name, about=about, allowed=allowed, parse=Rate.parse)


def _log(text: str) -> str:
    if text not in ("requests", "errors"):
        raise ValueError
    return text


SETTINGS = (
    Setting(
        name="data",
        about="folder that holds snapshots and keys; `--data` wins over it",
        allowed="the path of a folder, not in the file",
        parse=_folder,
        written=(),
        default="./var",
    ),
    Setting(
        name="origins",
        about="web origins that may read (CORS)",
        allowed=f"* or up to {_MOST} origins like https://example.org, with spaces between them",
        parse=_origins,
        written=(str, list),
    ),
    Setting(
        name="proxies",
        about="networks of proxies that are believed when they tell a client's address",
        allowed=f"up to {_MOST} networks or addresses like 10.0.0.0/8 or ::1, with spaces between them",
        parse=_proxies,
        written=(str, list),
        default="none",
    ),
    _number("threads", 1, 64, "queries at once in a process", "as many as there are cores"),
    _number("waiting", 1, 65_536, "questions that may wait for a thread in a process; more get 503"),
    _number(
        "query_seconds", 1, 3_600, "seconds that a question may take; longer ones get 503, exports take what they need"
    ),
    _number("exports", 1, 64, "exports at once in a process"),
    _number(
        "patience",
        1,
        3_600,
        "seconds that a client may take for a piece of an export, of up to 1 MB, before it is cut off",
    ),
    _number("memory_mb", 64, 1_048_576, "MB that a snapshot's database may use in a process"),
    _number("cache_mb", 0, 65_536, "MB of answers kept in a process"),
    _number("max_age", 0, 86_400, "seconds that a client may keep an answer without asking again"),
    _rate("public_rate", "requests of an address without a key"),
    _rate("key_rate", "requests with a key that has no rate of its own"),
    _rate("metadata_rate", "requests of an address without a key for all but observations and exports"),
    _rate("metadata_key_rate", "requests with a key for all but observations and exports"),
    _rate("export_rate", "exports with a key"),
    Setting(
        name="log",
        about="what is logged on standard error: every request, or only those that the server failed",
        allowed="requests or errors",
        parse=_log,
    ),
    Setting(
        name="metrics",
        about="whether /metrics answers",
        allowed="on or off",
        parse=_switch,
        written=(str, bool),
    ),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}
_VARIABLES = {setting.variable: setting for setting in SETTINGS}


def read(environment: Mapping[str, str] = os.environ, data: Path | None = None) -> Settings:
    """The settings in the variables, else in the file, else their defaults; ``data`` wins over its variable.

    >>> read({"PLAN_INDICATORS_DATA": "/srv/plans", "PLAN_INDICATORS_THREADS": "4"}).threads
    4
    >>> read({"PLAN_INDICATORS_THREADS": "many"})
    Traceback (most recent call last):
    api.settings.Invalid: PLAN_INDICATORS_THREADS is 'many': a whole number from 1 to 64 is allowed
    """
    found: dict[str, Any] = {}
    for variable, text in environment.items():
        if variable.startswith(PREFIX) and variable not in _OTHERS:
            setting = _known(_VARIABLES, variable, "variable")
            found[setting.name] = _parsed(setting, text, variable)
    if data is not None:
        found["data"] = data
    path = _path(environment, found.get("data", Settings().data))
    return Settings(**((_filed(path) if path else {}) | found))


def environment(settings: Settings) -> dict[str, str]:
    """The variables from which ``read`` makes these settings again, without the file: how worker processes get them."""
    texts = {setting.variable: _text(getattr(settings, setting.name)) for setting in SETTINGS}
    return texts | {_VARIABLES[PREFIX + "DATA"].variable: str(settings.data.absolute()), _NAMED: ""}


def described() -> list[str]:
    """The settings as lines of help: variable, meaning, what is allowed, default."""
    width = max(map(len, _VARIABLES)) + 4
    lines = []
    for setting in SETTINGS:
        told = f"{setting.about}; {setting.allowed}; default {_default(setting)}"
        lines += textwrap.wrap(
            told,
            108,
            initial_indent=f"  {setting.variable}".ljust(width),
            subsequent_indent=" " * width,
            break_on_hyphens=False,
            break_long_words=False,
        )
    return lines


def table() -> str:
    """The settings as a table in Markdown."""
    rows = [("in the file", "variable", "default", "allowed", "what"), ("---",) * 5]
    for setting in SETTINGS:
        shown = _default(setting) if setting.default else f"`{_default(setting)}`"
        name = f"`{setting.name}`" if setting.written else ""
        rows.append((name, f"`{setting.variable}`", shown, setting.allowed.replace("*", "`*`"), setting.about))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _default(setting: Setting) -> str:
    return setting.default or _text(getattr(Settings(), setting.name))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _parsed(setting: Setting, text: str, place: str) -> Any:
    try:
        return setting.parse(text)
    except (ValueError, KeyError):
        raise _wrong(setting, text, place) from None


def _wrong(setting: Setting, given: object, place: str, allowed: str = "") -> Invalid:
    return Invalid(f"{place} is {_shown(given)}: {allowed or setting.allowed} is allowed")


def _known(known: Mapping[str, Setting], name: str, kind: str, place: str = "") -> Setting:
    if name in known:
        return known[name]
    near = get_close_matches(name[:80], known, n=1, cutoff=0.8 if kind == "variable" else 0.6)
    nearest = f"; the nearest is {near[0]}" if near else ""
    raise Invalid(f"{place}{_plain(name)} is no {kind} of plan-indicators{nearest}; allowed are {', '.join(known)}")


def _path(environment: Mapping[str, str], data: Path) -> Path | None:
    """The settings file; None where there is none."""
    named = environment.get(_NAMED)
    if named is not None:
        return Path(named) if named else None
    return data / FILE if os.path.lexists(data / FILE) else None


def _filed(path: Path) -> dict[str, Any]:
    """The settings in a file."""
    place = f"{_plain(str(path))}: "
    found = {}
    for name, value in _decoded(path, place).items():
        if name in _BY_NAME and not _BY_NAME[name].written:
            raise Invalid(f"{place}{name} cannot be set in the file: {_BY_NAME[name].variable} or --{name} is allowed")
        setting = _known({each.name: each for each in SETTINGS if each.written}, name, "setting", place)
        found[name] = _parsed(setting, _as_text(setting, value, f"{place}{name}"), f"{place}{name}")
    return found


def _decoded(path: Path, place: str) -> dict[str, Any]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would never end
            raise Invalid(f"{place}not a file; a TOML file of settings is allowed")
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise Invalid(f"{place}too large; a TOML file of at most {_LARGEST // 1024} kB is allowed")
        return tomllib.loads(content.decode("utf-8"))
    except Invalid:
        raise
    except OSError as error:
        raise Invalid(f"{place}cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{place}not UTF-8 at byte {error.start}; a TOML file of settings is allowed") from error
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else " ".join(str(error).split())[:200]
        raise Invalid(f"{place}not TOML: {reason}") from error


def _as_text(setting: Setting, value: object, place: str) -> str:
    """A value of the file in the form that variables have; a list is a text with spaces."""
    if type(value) in setting.written:
        if not isinstance(value, list):
            return _text(value)
        if all(isinstance(each, str) and each.split() == [each] for each in value):
            return " ".join(value)
    forms = {str: "a text in quotation marks", list: "a list of texts", bool: "true or false", int: "a plain number"}
    allowed: Iterable[str] = (forms[form] for form in setting.written)
    raise _wrong(setting, value, place, f"{' or '.join(allowed)} ({setting.allowed})")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "…"


def _plain(text: str) -> str:
    """A name from outside as it may stand in a message of one line."""
    text = text if len(text) <= 300 else text[:300] + "…"
    return text if text.isprintable() else repr(text)
