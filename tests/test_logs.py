"""Logs: one line of JSON for each record and request, and nothing secret in it."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from granian.log import LogLevels, configure_logging
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from api import logs
from api.settings import Settings


def written(capfd: pytest.CaptureFixture[str]) -> Any:
    """What was written to standard output and standard error since the last call."""
    logs.flush()
    return capfd.readouterr()


KEY = "pik_QRSTUVWX" + ("hiddenHIDDEN" * 4)[:38]
NAMES = ("plan_indicators", "asyncio", "_granian", "granian.access")
log = logging.getLogger("plan_indicators")


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in NAMES]
    before = [(logger.handlers, logger.propagate, logger.level) for logger in loggers]
    yield
    for logger, (handlers, propagate, level) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)
    logs._lines.least = logs._NEVER


@pytest.fixture
def lines(capfd: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """The lines written since the last call, each proved to be one."""

    def read() -> list[dict[str, Any]]:
        out, err = written(capfd)
        assert out == ""
        found = err.split("\n")
        assert found.pop() == ""
        assert found == err.splitlines(), "no other kind of line break either"
        return [json.loads(line) for line in found]

    return read


def access(**other: Any) -> None:
    usual: dict[str, Any] = {
        "request_id": "0123456789abcdef",
        "method": "GET",
        "route": "/v1/regions/{region}",
        "path": "/v1/regions/330702",
        "status": 200,
        "seconds": 0.0012345678,
        "sent": 260,
        "caller": "203.0.113.9",
        "snapshot": "s1",
    }
    logs.access(**usual | other)


def test_a_request_is_one_line_with_its_fields(lines: Any) -> None:
    logs.configure(Settings())
    access(query=b"lang=en")
    (line,) = lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {
        "level": "info",
        "message": "request",
        "request_id": "0123456789abcdef",
        "method": "GET",
        "route": "/v1/regions/{region}",
        "path": "/v1/regions/330702?lang=en",
        "status": 200,
        "seconds": 0.001235,
        "sent": 260,
        "caller": "203.0.113.9",
        "snapshot": "s1",
    }


def test_nothing_is_written_before_it_is_configured(lines: Any) -> None:
    access(status=500)
    assert lines() == []


def test_of_errors_only_the_server_s_failures_are_written(lines: Any) -> None:
    logs.configure(Settings(log="errors"))
    for status in (200, 304, 404, 429, 500, 503):
        access(status=status)
    log.info("went over to snapshot s2")
    log.warning("a snapshot cannot be opened")
    assert [(line["level"], line.get("status")) for line in lines()] == [
        ("error", 500),
        ("error", 503),
        ("warning", None),
    ]


def test_configured_twice_each_line_is_written_once(lines: Any) -> None:
    logs.configure(Settings())
    logs.configure(Settings())
    log.info("once")
    access()
    assert [line["message"] for line in lines()] == ["once", "request"]


def test_the_time_is_utc_to_the_millisecond(lines: Any) -> None:
    logs.configure(Settings())
    record = log.makeRecord(log.name, logging.INFO, "", 0, "x", (), None)
    record.created = 1_700_000_000.0425
    log.handle(record)
    assert lines()[0]["time"] == "2023-11-14T22:13:20.042Z"


def test_an_exception_is_a_stack_in_one_line(lines: Any) -> None:
    logs.configure(Settings())
    try:
        raise KeyError("no such thing\nINFO forged")
    except KeyError as error:
        log.error("request %s failed", "abc", exc_info=error, extra={"request_id": "abc", "route": "/v1"})
    (line,) = lines()
    assert (line["level"], line["message"], line["request_id"], line["route"]) == (
        "error",
        "request abc failed",
        "abc",
        "/v1",
    )
    assert line["stack"].startswith("Traceback (most recent call last):\n")
    assert "KeyError" in line["stack"]
    assert "path" not in line


@pytest.mark.parametrize(
    "text",
    ["a\nb", "a\r\nb", "a\x85b", "a\u2028b", "a\u2029b", "a\x1b[2Kb", "a\x9b2Kb", "a\u202eb", "a\x0bb\x0cc\x1cd"],
)
def test_no_text_breaks_a_line_or_steers_a_terminal(text: str, lines: Any, capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings())
    access(path=text)
    log.info("said %s", text)
    raw = written(capfd).err
    assert raw.count("\n") == 2
    assert raw.replace("\n", "").isprintable()
    first, second = raw.splitlines()
    assert json.loads(first)["path"] == text
    assert json.loads(second)["message"] == f"said {text}"


def test_half_a_character_is_written_as_its_number(lines: Any) -> None:
    logs.configure(Settings())
    access(path="/v1/\udcff计划")
    log.info("file %s", "\udcff")
    assert [lines_.get("path", lines_["message"]) for lines_ in lines()] == ["/v1/\\udcff计划", "file \\udcff"]


@pytest.mark.parametrize(
    "text",
    [KEY, f"x={KEY}&y=1", KEY.replace("_", "%5F"), KEY.replace("_", "%5f"), f"{KEY}\n{KEY}", KEY[:30], f"计{KEY}"],
)
def test_a_key_is_cut_to_its_prefix_in_every_field(text: str, lines: Any, capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings())
    for field in ("request_id", "route", "path", "caller", "snapshot"):
        access(**{field: text})
    access(query=text.encode("utf-8"))
    log.info(text)
    log.info("with %s", {"x-api-key": text}, extra={"caller": text, "path": text})
    try:
        raise ValueError(text)
    except ValueError as error:
        log.error("failed", exc_info=error)
    raw = written(capfd).err
    assert raw.count("\n") == 9
    assert KEY[12:20] not in raw
    assert re.search(f"{KEY[4:10]}", raw), "the prefix stays"
    for line in raw.splitlines():
        json.loads(line)


def test_a_caller_s_prefix_is_not_touched(lines: Any) -> None:
    logs.configure(Settings())
    access(caller=KEY[:12])
    assert lines()[0]["caller"] == KEY[:12]


def test_a_path_with_its_query_is_cut_at_300_characters(lines: Any) -> None:
    logs.configure(Settings())
    access(path="/" + "计" * 10_000, query=b"q=" + b"a" * 10_000)
    access(path="/v1", query=b"q=" + b"a" * 10_000)
    access(method="M" * 10_000)
    long, query, method = lines()
    assert long["path"] == "/" + "计" * 299 + "…"
    assert query["path"] == "/v1?q=" + "a" * 294 + "…"
    assert len(method["method"]) == 12


def test_a_line_of_a_request_fits_into_one_write_to_a_pipe(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings())
    access(path="\x85" * 500, request_id="r" * 64, route="/" + "x" * 100, caller="c" * 64, snapshot="s" * 64)
    assert len(written(capfd).err.encode()) <= 4_096


def test_a_long_message_and_a_long_stack_are_cut(lines: Any) -> None:
    logs.configure(Settings())
    log.info("x" * 100_000)
    try:
        raise ValueError("y" * 100_000 + "the end")
    except ValueError as error:
        log.error("failed", exc_info=error)
    message, stack = lines()
    assert len(message["message"]) == len(stack["stack"]) == 8_000
    assert stack["stack"].endswith("the end\n")


def test_a_record_that_does_not_fit_its_arguments_is_told_in_a_line(lines: Any) -> None:
    logs.configure(Settings())
    log.info("one %s and two %s", *["argument"])
    (line,) = lines()
    assert line["message"] == "a log record could not be written"
    assert "not enough arguments" in line["stack"]


def test_a_log_that_nobody_takes_fails_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.configure(Settings())
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setattr(logs, "_STANDARD_ERROR", writing)
    access()
    log.error("nobody reads")
    logs.flush()
    os.close(writing)


def test_who_never_reads_the_log_holds_up_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.configure(Settings())
    monkeypatch.setattr(logs, "_WAITING", 50)
    reading, writing = os.pipe()
    with monkeypatch.context() as patch:
        patch.setattr(logs, "_STANDARD_ERROR", writing)
        for number in range(3_000):  # more than a pipe and the queue hold
            access(path=f"/{number}" + "x" * 200)
        told = b""
        while b"lines of the log are lost" not in told:
            told += os.read(reading, 65_536)
            access()
        while logs._writer._lines.qsize():
            os.read(reading, 65_536)
        logs.flush()
    os.close(reading)
    os.close(writing)
    paths = [line["path"] for line in map(json.loads, told.splitlines()[:-1]) if "path" in line]
    numbers = [int(found[1]) for path in paths if (found := re.match(r"/([0-9]+)x", path))]
    assert numbers[0] == 0
    assert numbers == sorted(set(numbers))  # in their order, none twice; how many are lost is the machine's affair


def test_the_server_s_own_messages_are_lines_too(lines: Any) -> None:
    configure_logging(LogLevels.warning, logs.SERVER)
    logging.getLogger("_granian").error("Unexpected exit from worker-%d", 1)
    logging.getLogger("_granian").info("Starting granian")
    (line,) = lines()
    assert (line["level"], line["message"]) == ("error", "Unexpected exit from worker-1")


@tried(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(), query=st.binary(max_size=400), request_id=st.text(), seconds=st.floats())
def test_whatever_is_asked_is_one_line(
    path: str, query: bytes, request_id: str, seconds: float, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure(Settings())
    access(path=path, query=query, request_id=request_id.encode("utf-8", "ignore").decode(), seconds=seconds)
    raw = written(capfd).err
    assert raw.endswith("\n")
    assert len(raw.splitlines()) == 1
    json.loads(raw)


@pytest.mark.parametrize("path", ["/v1/%70ik_{}", "/v1/pik%5F{}", "/v1/%2570ik_{}", "/v1/%252570%69k_{}"])
def test_a_key_in_escapes_is_not_written_either(path: str, lines: Any) -> None:
    logs.configure(Settings())
    access(path=path.format(KEY[4:]))
    access(path="/v1/observations", query=path.format(KEY[4:]).encode())
    for line in lines():
        assert KEY[12:] not in line["path"]
