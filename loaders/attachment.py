"""The bytes of an attachment (.docx, .xlsx, .pdf) in, its text out, read by a process of its own.

Such files are programs for their readers: one may ask for all memory, for hours, or break the reader off. So the
reader is another process with limits, and all that can come back from it is a text or a reason.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from loaders import bounds

_MOST = bounds.read()
SECONDS = _MOST["attachment_seconds"]  # that reading one file may take
MEMORY = _MOST["memory"] * bounds.MB  # bytes that it may take
_REFUSED = 3  # exit status of a refusal, with its reason on standard output
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def is_attachment(data: bytes) -> bool:
    """Whether these are the bytes of a file that is no text, but may hold one."""
    return data.startswith((b"PK\x03\x04", _OLD)) or data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\x00").startswith(b"%PDF")


def text(data: bytes) -> str:
    """The text of an attachment; one that cannot be read is a ValueError that says why."""
    if data.startswith(_OLD):
        if _ENCRYPTED in data:
            raise ValueError("encrypted with a password; a copy without one is needed")
        raise ValueError("an Office file of the old kind (.doc, .xls); saved as .docx, .xlsx or .pdf it is read")
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    here = str(Path(__file__).resolve().parent.parent)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "loaders.attachment"],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**kept, **bounds.stated(), "PYTHONPATH": here, "PYTHONUTF8": "1"},
        )
    except subprocess.TimeoutExpired as late:
        raise ValueError(f"reading it took more than {SECONDS} seconds") from late
    if done.returncode == 0:
        return done.stdout.decode("utf-8")
    if done.returncode == _REFUSED:
        raise ValueError(done.stdout.decode("utf-8"))
    raise ValueError(f"a damaged file, or one that asks for more than {MEMORY // 1_000_000:,} MB of memory")


def rendered(data: bytes) -> str:
    """The text of an attachment, read in this process."""
    if not data.startswith(b"PK"):
        from loaders import printed  # noqa: PLC0415  few documents need it

        return printed.text(data)
    from loaders import sheet, word  # noqa: PLC0415  few documents need them
    from loaders.package import Package, local  # noqa: PLC0415

    package = Package(data)
    part = package.main()
    kind = local(package.tree(part)) if part is not None and part in package else ""
    if part is not None and kind == "document":
        return word.text(package, part)
    if part is not None and kind == "workbook":
        return sheet.text(package, part)
    raise ValueError("a ZIP archive that is neither a Word file nor a workbook; unpacked, its files can be read")


def _limited() -> None:
    """This process limited, where the system can."""
    try:
        import resource  # noqa: PLC0415  not on Windows
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main() -> None:
    """Read the file on standard input; its text, or the reason why not, on standard output."""
    _limited()
    try:
        words, status = rendered(sys.stdin.buffer.read()), 0
    except (ValueError, MemoryError, RecursionError) as fault:
        words, status = str(fault) or "it asks for too much memory", _REFUSED
    sys.stdout.buffer.write(words.encode("utf-8", "replace" if status else "strict"))
    sys.stdout.flush()
    os._exit(status)  # nothing is left to tidy up, and a damaged file could hold that up


if __name__ == "__main__":
    main()
