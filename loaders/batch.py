"""Many files become many documents' statements, on all cores; one that breaks its reader breaks nothing else."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from loaders import bounds, document, extract
from loaders.database import Loaded
from loaders.observation import observe

T = TypeVar("T")
FEW = 8  # so many files are read sooner by one process than by several that have to start
SECONDS = bounds.read()["seconds"]  # that one file may take
Result = Loaded | str  # what a file states, or the line that says why it cannot be read


class _Late(BaseException):
    """The time of a file is over: no reader on the way may take it for a fault of its own."""


def inside(path: Path) -> tuple[list[Path], list[str]] | None:
    """The files below a folder in order, and a line for each folder that cannot be read; None where it is none."""
    said: list[str] = []

    def refused(error: OSError) -> None:
        said.append(f"{error.filename}: cannot be read: {error.strerror}")

    try:
        if not path.is_dir():
            return None
    except OSError as error:
        refused(error)
        return [], said
    files = [Path(folder, name) for folder, _, names in os.walk(path, onerror=refused) for name in names]
    return sorted(file for file in files if not _odd(file)), said


def _odd(path: Path) -> bool:
    """Whether it is a socket, a pipe or the like; what cannot be looked at is no such thing: its reader says why."""
    try:
        return path.exists() and not path.is_file()
    except OSError:
        return False


def opened(path: Path) -> document.Document | str:
    """The document in a file, or the line that says why it cannot be read."""
    try:
        if path.stat().st_size > document.LARGEST:
            return f"{path}: larger than {document.LARGEST:,} bytes"
        return document.read(path.read_bytes(), path.name)
    except FileNotFoundError:
        return f"{path}: no such file"
    except OSError as error:
        return f"{path}: cannot be read: {error.strerror}"
    except document.Refused as refusal:
        return str(refusal)


def read(path: Path) -> Result:
    """What the document in a file states, or the line that says why it cannot be read, whatever happens."""
    try:
        with _limited():
            found = opened(path)
            if isinstance(found, str):
                return found
            loaded = extract.extract(found)
            return msgspec.structs.replace(loaded, made=observe(loaded.card, loaded.statements))
    except _Late:
        return f"{path}: takes longer than {SECONDS} s; it is left out"
    except Exception as error:  # a file is hostile: its fault must not stop the others
        return f"{path}: cannot be read: {type(error).__name__}"


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_all(paths: Sequence[Path], reader: Callable[[Path], T | str]) -> Iterator[tuple[Path, T | str]]:
    """Each file with its result, in order. A process that dies over a file is replaced; its file is reported."""
    if len(paths) < FEW:
        yield from ((path, reader(path)) for path in paths)
        return
    done = 0
    while done < len(paths):
        with _pool(min(cores(), len(paths) - done)) as pool:
            futures: list[Future[T | str]] = [pool.submit(reader, path) for path in paths[done:]]
            try:
                for path, future in zip(paths[done:], futures, strict=True):
                    yield path, future.result()
                    done += 1
            except BrokenProcessPool:
                pool.shutdown(cancel_futures=True)
        if done < len(paths):  # one of the files under way killed its process: the next is read alone
            path = paths[done]
            with _pool(1) as alone:
                try:
                    yield path, alone.submit(reader, path).result()
                except BrokenProcessPool:
                    yield path, f"{path}: the process that read it died; it is left out"
            done += 1


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


@contextmanager
def _limited() -> Iterator[None]:
    """A limit on the time that a file may take, where the process can be told so."""

    def late(*_: object) -> None:
        raise _Late

    try:
        before = signal.signal(signal.SIGALRM, late)
    except ValueError:  # not the main thread: nobody can be told
        yield
        return
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
