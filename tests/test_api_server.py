"""The application in real processes on a real port, asked in raw bytes."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import key_ring, serve, settings
from api.limits import Rate
from api.settings import Settings, environment
from tests import snapshots

HERE = Path(__file__).parents[1]
SERVE = "import sys; from api import serve, settings; serve.run(settings.read(), '127.0.0.1', int(sys.argv[1]), 2)"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ask(port: int, request: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer to raw bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


def get(port: int, path: bytes, method: bytes = b"GET", more: bytes = b"") -> tuple[bytes, bytes]:
    return ask(port, b"%b %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%b\r\n" % (method, path, more))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the server's standard error goes to."""
    return tmp_path_factory.mktemp("log") / "log"


@pytest.fixture(scope="module")
def port(data: Path, log: Path) -> Iterator[int]:
    number = free_port()
    variables = os.environ | environment(Settings(data=data)) | {"PYTHONPATH": str(HERE)}
    with (
        log.open("wb") as errors,
        subprocess.Popen([sys.executable, "-c", SERVE, str(number)], env=variables, stderr=errors) as process,
    ):
        for _ in range(300):
            try:
                if get(number, b"/health/ready")[0].startswith(b"HTTP/1.1 200"):
                    break
            except OSError:
                time.sleep(0.1)
        yield number
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert {json.loads(line)["level"] for line in log.read_text("utf-8").splitlines()} == {"info"}


def test_head_sends_no_body(port: int) -> None:
    whole, head = get(port, b"/v1/observations"), get(port, b"/v1/observations", b"HEAD")
    assert head[1] == b""
    assert b"content-length: %d\r\n" % len(whole[1]) in head[0] + b"\r\n"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (b"/v1/regions/%ff", 404),
        (b"/v1/regions/%00", 404),
        (b"//v1", 404),
        (b"/v1//regions", 404),
        (b"/v1/", 404),
        (b"/v1/regions/330702%2fobservations", 404),
        (b"/v1/observations?q=%ff", 400),
        (b"/v1/observations?q=%00", 200),
        (b"/v1?", 200),
        (b"/v1/observations?q=" + b"a" * 60_000, 414),
    ],
)
def test_odd_bytes_get_an_answer_in_the_usual_shape(port: int, path: bytes, status: int) -> None:
    head, body = get(port, path)
    assert head.startswith(b"HTTP/1.1 %d" % status)
    if status != 200:
        assert b"content-type: application/problem+json" in head
        assert json.loads(body)["status"] == status


@pytest.mark.parametrize("path", [b"/v1/observations?q=\xff", b"/v1/observations?" + b"a" * 100_000, b"/\x00"])
def test_what_is_no_http_is_refused_below_the_application(port: int, path: bytes) -> None:
    head, _ = get(port, path)
    assert head.startswith((b"HTTP/1.1 400", b"HTTP/1.1 414"))
    assert get(port, b"/health/live")[0].startswith(b"HTTP/1.1 200")


def test_a_body_on_a_get_is_ignored(port: int) -> None:
    head, _ = ask(port, b"GET /v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")
    assert head.startswith(b"HTTP/1.1 200")


def test_all_processes_take_each_other_s_cursors(port: int) -> None:
    cursor = json.loads(get(port, b"/v1/observations?limit=2")[1])["page"]["next"]
    for _ in range(12):
        assert get(port, b"/v1/observations?limit=2&cursor=" + cursor.encode())[0].startswith(b"HTTP/1.1 200")


def test_a_snapshot_is_taken_up_by_all_processes_without_losing_a_request(port: int, data: Path) -> None:
    snapshots.publish(data, "s2", snapshots.ROWS[:4])
    seen, end = [], time.monotonic() + 4
    while time.monotonic() < end:
        head, body = get(port, b"/v1")
        assert head.startswith(b"HTTP/1.1 200")
        seen.append((time.monotonic() - end + 4, json.loads(body)["snapshot"]["id"]))
        time.sleep(0.02)
    assert {identity for passed, identity in seen if passed > 2} == {"s2"}


def lines(log: Path, request_id: bytes) -> list[dict[str, object]]:
    """What the log says of a request; it is written by a thread, a little later."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        found = [line for line in log.read_bytes().splitlines() if b'"%b"' % request_id in line]
        if found:
            return [json.loads(line) for line in found]
        time.sleep(0.02)
    return []


def test_a_request_is_found_in_the_log_by_the_id_that_its_client_got(port: int, log: Path) -> None:
    for path, route, status in (
        (b"/v1/regions/330702?", "/v1/regions/{region}", 200),
        (b"/v1/nothing", "", 404),
        (b"/v1/observations?role=x", "/v1/observations", 400),
    ):
        head, _ = get(port, path)
        identity = head.lower().partition(b"x-request-id: ")[2].split(b"\r")[0]
        (line,) = lines(log, identity)
        assert (line["route"], line["status"], line["caller"]) == (route, status, "127.0.0.1")
        assert str(line["path"]).startswith(path.decode().rstrip("?"))


def test_no_key_is_in_the_log_wherever_it_was_sent(port: int, log: Path, data: Path) -> None:
    text, _ = key_ring.create(data, "log", ("read",), None, None)
    headers = b"X-API-Key: %b\r\nX-Request-Id: with-a-key\r\n" % text.encode()
    assert get(port, b"/v1/observations?q=" + text.encode(), more=headers)[0].startswith(b"HTTP/1.1 200")
    (line,) = lines(log, b"with-a-key")
    assert line["caller"] == text[:12]
    get(port, b"/v1/" + text.encode(), more=b"X-API-Key: %bx\r\n" % text.encode())
    time.sleep(0.2)
    assert text[12:].encode() not in log.read_bytes()


def test_limits_keys_and_counts_hold_over_all_processes(port: int, data: Path) -> None:
    text, _ = key_ring.create(data, "few", ("read",), Rate(30, 3600), None)
    more = b"X-API-Key: %b\r\n" % text.encode()
    seen = [get(port, b"/v1/observations", more=more)[0].split()[1] for _ in range(40)]
    assert seen == [b"200"] * 30 + [b"429"] * 10
    key_ring.revoke(data, text[:12])
    time.sleep(1)
    assert {get(port, b"/v1/observations", more=more)[0].split()[1] for _ in range(20)} == {b"401"}
    counted = get(port, b"/metrics")[1].decode()
    found = re.search(
        r'plan_indicators_http_requests_total\{.*route="/v1/observations",status="429"\} ([0-9.]+)', counted
    )
    assert found is not None
    assert float(found[1]) == 10


def test_a_client_that_goes_away_in_the_middle_of_an_export_holds_nothing_up(port: int, data: Path) -> None:
    text, _ = key_ring.create(data, "away", ("export",), None, None)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(
                b"GET /v1/exports/observations.ndjson?region=330702 HTTP/1.1\r\nHost: x\r\nX-API-Key: %b\r\n\r\n"
                % text.encode()
            )
            assert connection.recv(1)
    time.sleep(0.5)
    more = b"X-API-Key: %b\r\n" % text.encode()
    head, body = get(port, b"/v1/exports/observations.ndjson?region=330702", more=more)
    assert head.startswith(b"HTTP/1.1 200")
    assert len(body) > 1000


def test_a_port_in_use_is_said_in_one_line(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(serve.Refused, match=f"127.0.0.1:{number} is in use by another program"):
            serve.run(Settings(data=data), "127.0.0.1", number)
    with pytest.raises(serve.Refused, match=r"host no\.such\.host\.invalid is not known"):
        serve.run(Settings(data=data), "no.such.host.invalid", 8000)
    with pytest.raises(serve.Refused, match="a number from 1 to 65535"):
        serve.run(Settings(data=data), "127.0.0.1", 70_000)


def test_settings_say_what_is_wrong() -> None:
    assert settings.read({}).data == Path("./var")
    for name, text in (("THREADS", "0"), ("MEMORY_MB", "1"), ("ORIGINS", "example.org"), ("DATA", "")):
        with pytest.raises(settings.Invalid, match=f"PLAN_INDICATORS_{name}"):
            settings.read({f"PLAN_INDICATORS_{name}": text})
    kept = settings.Settings(data=Path("/data"), origins=("https://a.example",), threads=3, memory_mb=64)
    assert settings.read(settings.environment(kept)) == kept
