"""Log records and requests in, one line of JSON each on standard error out.

Nothing that looks like an API key passes but its first 12 characters, in whatever field it stands. A line holds no
line break and no character that steers a terminal. A line that cannot be written is lost; no request fails for it.
"""

from __future__ import annotations

import atexit
import logging
import os
import re
import sys
import threading
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from queue import SimpleQueue
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from api.settings import Settings

_STANDARD_ERROR = 2
_LONGEST = 300  # characters of a path with its query
_LONGEST_TEXT = 8_000  # characters of any other text; of a stack the end is kept
_KEPT = 12  # characters of a key: what identifies it to its owner, and opens nothing
_KEY = re.compile(rb"pik(?:_|%5[fF])[0-9A-Za-z_%-]*")
# C1 controls, line and paragraph separators, and what turns the direction of writing: JSON leaves them as they are
_UNSEEN = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_NEVER = 1_000  # above every status
_WAITING = 10_000  # lines that wait to be written; more are lost, and that is said
_encode = msgspec.json.Encoder().encode


class Request(Struct, kw_only=True):
    """A request as it is logged."""

    time: str
    level: str
    message: str = "request"
    request_id: str
    method: str
    route: str
    path: str
    status: int
    seconds: float
    sent: int
    caller: str
    snapshot: str


class Lines(logging.Handler):
    """Writes records as lines; ``least`` is the lowest status of a request that is written."""

    least = _NEVER

    def emit(self, record: logging.LogRecord) -> None:
        try:
            fields = _told(record)
        except Exception:  # arguments that do not fit the message, or cannot be shown
            fields = _common(record, "a log record could not be written") | {"stack": _stack(sys.exc_info())}
        _write(_encode(fields))


_lines = Lines()
_FIELDS = tuple(field for field in Request.__struct_fields__ if field not in ("time", "level", "message"))

SERVER: dict[str, Any] = {  # for Granian, which sets its own loggers up in every process: log_dictconfig
    "handlers": {"console": {"class": "api.logs.Lines"}, "access": {"class": "logging.NullHandler"}}
}


def configure(settings: Settings) -> None:
    """From now on this process writes its log; a server's process calls it once, a library never."""
    _lines.least = 0 if settings.log == "requests" else 500
    for name in ("plan_indicators", "asyncio"):  # asyncio tells what failed in a task that nobody awaits
        logger = logging.getLogger(name)
        logger.handlers = [_lines]
        logger.propagate = False
        logger.setLevel(logging.INFO if settings.log == "requests" else logging.WARNING)


def wanted(status: int) -> bool:
    """Whether a request with this status is logged: none unless ``configure`` was called."""
    return status >= _lines.least


def access(
    *,
    request_id: str,
    method: str,
    route: str,
    path: str,
    status: int,
    seconds: float,
    sent: int,
    caller: str,
    snapshot: str,
    query: bytes = b"",
) -> None:
    """One request that was answered, in its line; nothing where it is not wanted.

    ``route`` is the template, ``path`` what was asked for with its ``query``, cut at 300 characters; ``caller`` is a
    key's prefix or an address; ``status`` 0 is a request that was gone before its answer began.
    """
    if not wanted(status):
        return
    if query:
        path = f"{path}?{query[:_LONGEST].decode('latin-1')}"
    if "%" in path and _hides_a_key(path):
        path = "(holds a key)"
    request = Request(
        time=_time(time.time()),
        level="error" if status >= 500 else "info",
        request_id=request_id,
        method=method[:_KEPT],
        route=route,
        path=path if len(path) <= _LONGEST else path[:_LONGEST] + "…",
        status=status,
        seconds=round(seconds, 6),
        sent=sent,
        caller=caller,
        snapshot=snapshot,
    )
    try:
        line = _encode(request)
    except UnicodeEncodeError:  # half a character, as a path may hold where it is no UTF-8
        request.path = _whole(request.path)
        line = _encode(request)
    _write(line)


def _hides_a_key(path: str) -> bool:
    """Whether something that looks like a key stands in a path in escapes, of whatever depth."""
    for _ in range(20):
        plain = unquote(path)
        if plain == path:
            break
        path = plain
    return "pik_" in path


def _told(record: logging.LogRecord) -> dict[str, Any]:
    """A record's fields; those of a request where the record was given them by ``extra``."""
    fields = _common(record, record.getMessage())
    for name in _FIELDS:
        if (value := record.__dict__.get(name)) is not None:
            fields[name] = value if isinstance(value, int | float) else _whole(str(value)[:_LONGEST])
    if record.exc_info:
        fields["stack"] = _stack(record.exc_info)
    return fields


def _common(record: logging.LogRecord, message: str) -> dict[str, Any]:
    return {
        "time": _time(record.created),
        "level": record.levelname.lower(),
        "message": _whole(message[:_LONGEST_TEXT]),
    }


def _stack(error: tuple[Any, Any, Any]) -> str:
    return _whole("".join(traceback.format_exception(*error))[-_LONGEST_TEXT:])


def _time(moment: float) -> str:
    """A moment in seconds since 1970 after RFC 3339, in UTC, to the millisecond."""
    second = int(moment)
    return f"{_second(second)}.{int((moment - second) * 1000):03d}Z"


@lru_cache(maxsize=8)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _whole(text: str) -> str:
    """A text without halves of characters."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _write(line: bytes) -> None:
    if b"pik" in line:
        line = _KEY.sub(lambda found: found[0] if len(found[0]) <= _KEPT else found[0][:_KEPT] + b"...", line)
    if not line.isascii():
        line = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", line.decode("utf-8")).encode("utf-8")
    _writer.put(line + b"\n")


class _Writer:
    """A thread that writes lines: who reads standard error too slowly, or never, holds up no request."""

    def __init__(self) -> None:
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._put = self._written = self._lost = 0

    def put(self, line: bytes) -> None:
        if self._lines.qsize() >= _WAITING:
            self._lost += 1
            return
        self._put += 1
        self._lines.put(line)
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                    self._thread.start()
                    atexit.register(self.flush)

    def flush(self) -> None:
        """Waits until all is written, a second at the most."""
        end = time.monotonic() + 1
        while self._written < self._put and time.monotonic() < end:
            time.sleep(0.001)

    def _run(self) -> None:
        while True:
            line = self._lines.get()
            if self._lost:
                lost, self._lost = self._lost, 0
                fields = {
                    "time": _time(time.time()),
                    "level": "warning",
                    "message": f"{lost} lines of the log are lost",
                }
                line = _encode(fields) + b"\n" + line
            with suppress(OSError):
                os.write(_STANDARD_ERROR, line)  # one call, so that the lines of several processes do not mix
            self._written += 1


_writer = _Writer()
flush = _writer.flush
os.register_at_fork(after_in_child=_writer.__init__)  # type: ignore[misc]  # a child has no such thread yet
