"""The application on a port, with as many processes as wanted."""

from __future__ import annotations

import errno
import gc
import os
import resource
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from api import cursors, key_file, logs, metrics
from api.settings import Settings, environment, read
from api.snapshot import Snapshots, Unusable

if TYPE_CHECKING:
    from api.edge import Edge


CONNECTIONS = 4096  # of a process at the most; those who come later wait to be accepted
_GARBAGE = 20_000  # objects made, and not given back, between two looks for what nothing refers to
_FILES = 512  # that a process may have open beside its connections
# a head has 10 s to come, a connection as long to be used again; 128 kB hold the longest address and its headers
_HTTP = HTTP1Settings(header_read_timeout=10_000, max_buffer_size=1 << 17)
_GRACE = 5  # seconds that answers under way have when the server is told to stop; slow readers would never have done


class Refused(Exception):
    """The server cannot start; the message says why."""


def application() -> Edge:
    """The application as a worker process makes it, with the settings of its environment."""
    from api.app import create_app  # noqa: PLC0415 - the process that starts the others does without

    settings = read()
    logs.configure(settings)
    app = create_app(settings)
    # what is there now stays: it need not be looked through again and again for what nothing refers to
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    return app


def run(settings: Settings, host: str, port: int, workers: int = 1, ready: Callable[[], None] = lambda: None) -> None:
    """Serves until told to stop; ``ready`` is called once nothing is known to stand in the way."""
    found = address(host, port)
    cursors.key(settings.data)  # what is wrong with the data folder is said here, not by a worker
    with suppress(key_file.Refused):  # without the file there are no keys; a folder that is read-only may be served
        key_file.make(settings.data)
    if (reason := unusable(settings)) is not None:
        raise Refused(reason)
    ready()
    os.environ.update(environment(settings))
    with metrics.shared():
        Server(
            "api.serve:application",
            factory=True,
            address=found,
            port=port,
            workers=workers,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,  # where it has to find out which version is spoken, a silent client may stay for ever
            http1_settings=_HTTP,
            backlog=CONNECTIONS,
            backpressure=connections(),
            websockets=False,
            log_level=LogLevels.warning,
            log_dictconfig=logs.SERVER,
            respawn_failed_workers=True,
            workers_kill_timeout=_GRACE,
        ).serve()


def unusable(settings: Settings) -> str | None:
    """Why what is published cannot be served; None where it can."""
    snapshots = Snapshots(settings)
    try:
        snapshots.open()
    except Unusable as error:
        return str(error)
    finally:
        snapshots.close()
    return None


def connections() -> int:
    """How many connections a process may hold; the limit on open files is raised for them as far as is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + _FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(wanted - _FILES, 64)


def address(host: str, port: int) -> str:
    """The host's address, where the port is free."""
    if not 0 < port < 65_536:
        raise Refused(f"port {port}: a number from 1 to 65535 is allowed")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (socket.gaierror, UnicodeError) as error:
        raise Refused(f"host {host} is not known") from error
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "is in use by another program" if taken else f"cannot be used: {error.strerror}"
        raise Refused(f"{host}:{port} {reason}") from error
    return str(place[0])
