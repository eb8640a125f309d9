"""What is measured, started and stopped: this project's server, and peers in an environment of their own.

All listen on the loopback address alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from pathlib import Path

import msgspec

from api.settings import PREFIX

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
READY = 600  # seconds that a server may take to start
STOP = 10
# where it is set, Python compiles at each start what is not installed
COMPILED = "PYTHONDONTWRITEBYTECODE"
RATES = ("PUBLIC", "KEY", "METADATA", "METADATA_KEY", "EXPORT")
# the event loop of the server under test, so that a peer's is no other
LOOP = "uvloop" if importlib.util.find_spec("uvloop") else "asyncio"


class Failure(Exception):
    """Something did not answer as it should; the message says what."""


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A server that answers."""

    name: str
    port: int
    pid: int
    started: float  # seconds from its start to its first answer


def environment(cache: Path | None = None) -> Path:
    """The Python of the peers: made once for these requirements, from their hashes."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    home = cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plan-indicators-bench"
    folder = home / f"{digest}-{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install: list[str | Path] = [
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        REQUIREMENTS,
    ]
    done = subprocess.run([python, *install], check=False, capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"the peers' packages cannot be installed: {done.stderr[-500:]}")
    (folder / "complete").touch()
    return python


def free() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, path: str) -> bool:
    """Whether a server gives 200 there now."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def running(
    name: str, command: Sequence[str | Path], ready: str, port: int, log: Path, **more: str | Path
) -> Iterator[Server]:
    """A server from its first answer until it is no longer needed; what it says goes to a log."""
    told = {variable: str(value) for variable, value in more.items() if variable != "cwd"}
    with log.open("ab") as out:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            cwd=more.get("cwd"),
            env=_clean() | told,
        )
    try:
        while not answers(port, ready):
            if process.poll() is not None or time.monotonic() - began > READY:
                raise Failure(f"{name} does not start; its last words are in {log}: {log.read_text('utf-8')[-500:]}")
            time.sleep(0.01)
        yield Server(name=name, port=port, pid=process.pid, started=time.monotonic() - began)
    finally:
        process.terminate()
        try:
            process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _clean() -> dict[str, str]:
    """The environment without settings of whoever measures."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX) and name != COMPILED}


def command(*arguments: str | Path) -> list[str | Path]:
    """The project's command line with the Python that measures."""
    return [sys.executable, "-c", "from api.command import main; main()", *arguments]


def ours(data: Path, log: Path, *, kept: bool = True) -> contextlib.AbstractContextManager[Server]:
    """This project's server with one worker and no limits; ``kept``: whether it may keep answers."""
    port = free()
    settings = {f"{PREFIX}{rate}_RATE": "1000000/second" for rate in RATES} | {f"{PREFIX}LOG": "errors"}
    if not kept:
        settings[f"{PREFIX}CACHE_MB"] = "0"
    serve = command("serve", "--data", data, "--port", str(port), "--workers", "1")
    name = "this server" if kept else "this server, nothing kept"
    return running(name, serve, "/health/ready", port, log, **settings)


def key(data: Path) -> str:
    """A key for exports."""
    create = command("keys", "create", "--name", "bench", "--scope", "read", "--scope", "export", "--data", data)
    made = subprocess.run(create, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_clean())
    return made.stdout.decode().strip()


def peer(
    name: str, python: Path, log: Path, *, body: Path, base: Path, parquet: Path
) -> contextlib.AbstractContextManager[Server]:
    """A peer: ``ceiling``, ``raw``, ``litestar_sqlite``, ``fastapi_orm``, ``datasette`` or ``roapi``."""
    port = free()
    listen = ["--host", "127.0.0.1", "--port", str(port)]
    granian: list[str | Path] = [
        python,
        "-m",
        "granian",
        *listen,
        "--workers",
        "1",
        "--no-ws",
        "--log-level",
        "warning",
        "--loop",
        LOOP,
    ]
    first = "/v1/regions/000000/categories/none/years/2000/observations"
    limits = ("sql_time_limit_ms 600000", "max_csv_mb 0", "allow_facet off", "suggest_facets off")
    settings = [word for limit in limits for word in ("--setting", *limit.split())]
    commands: dict[str, tuple[list[str | Path], str]] = {
        "ceiling": ([*granian, "--interface", "asgi", "ceiling:app"], "/page"),
        "raw": ([*granian, "--interface", "rsgi", "raw:app"], "/page"),
        "litestar_sqlite": ([*granian, "--interface", "asgi", "litestar_sqlite:app"], first),
        "fastapi_orm": (
            [python, "-m", "uvicorn", *listen, "--log-level", "warning", "--no-access-log", "fastapi_orm:app"],
            first,
        ),
        "datasette": ([python, "-m", "datasette", "serve", "-i", base, *listen, *settings], "/-/versions.json"),
        "roapi": (
            [python.with_name("roapi"), "--table", f"observations={parquet}", "--addr-http", f"127.0.0.1:{port}"],
            "/health",
        ),
    }
    arguments, ready = commands[name]
    return running(name, arguments, ready, port, log, cwd=HERE / "peers", BENCH_BODY=body, BENCH_SQLITE=base)
