"""The bytes of an Office file in, its parts out: unpacked within limits, and XML that can neither grow nor reach out."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from loaders import bounds

PARTS = 10_000  # files in the archive
TAGS = 5_000_000  # of a part that is held whole
TOTAL = bounds.read()["unpacked"] * bounds.MB  # bytes of all parts that are read, unpacked
UNPACKED = TOTAL // 2  # bytes of one part
_STEP = 1 << 20
_DOCTYPE = re.compile(rb"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|E\x00?N\x00?T\x00?I\x00?T\x00?Y)", re.I)
_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


class Package:
    """An opened archive. What is wrong with it is a ValueError."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as fault:
            raise ValueError(f"a ZIP archive that is damaged: {fault}") from fault
        members = self._archive.infolist()
        if len(members) > PARTS:
            raise ValueError(f"a ZIP archive of {len(members):,} files; an Office file of at most {PARTS:,} is read")
        self._members = {member.filename.lstrip("/").lower(): member for member in members}
        self._left = TOTAL

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._members

    def bytes(self, part: str) -> bytes:
        """A part, unpacked; the sizes that the archive states are not believed."""
        member = self._members.get(part.lower())
        if member is None:
            raise ValueError(f"a damaged Office file: it has no {part}")
        if member.flag_bits & 1:
            raise ValueError("encrypted with a password; a copy without one is needed")
        pieces: list[bytes] = []
        size = 0
        try:
            with self._archive.open(member) as stream:
                while piece := stream.read(_STEP):
                    size += len(piece)
                    if size > min(UNPACKED, self._left):
                        raise ValueError(
                            f"{part} unpacks to more than {min(UNPACKED, self._left):,} bytes; that is not read"
                        )
                    pieces.append(piece)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as fault:
            raise ValueError(f"a damaged Office file: {part}: {fault}") from fault
        self._left -= size
        return b"".join(pieces)

    def _source(self, part: str) -> io.BytesIO:
        data = self.bytes(part)
        if _DOCTYPE.search(data):
            raise ValueError(f"{part} declares a document type or entities, which no Office file needs; it is not read")
        return io.BytesIO(data)

    def tree(self, part: str) -> Any:
        """The root element of a part."""
        source = self._source(part)
        if source.getvalue().count(b"<") > TAGS:
            raise ValueError(f"{part} holds more than {TAGS:,} tags; that is not read")
        try:
            return etree.parse(source, etree.XMLParser(remove_comments=True, remove_pis=True, **_SAFE)).getroot()
        except etree.LxmlError as fault:
            raise _broken(part, fault) from fault

    def elements(self, part: str, *names: str) -> Iterator[Any]:
        """The elements of these names in a part, each as it ends, and then forgotten: memory does not grow with it."""
        wanted = [f"{{*}}{name}" for name in names]
        try:
            for _, node in etree.iterparse(
                self._source(part), events=("end",), tag=wanted, remove_comments=True, remove_pis=True, **_SAFE
            ):
                yield node
                node.clear()
                while node.getprevious() is not None and node.getparent() is not None:
                    del node.getparent()[0]
        except etree.LxmlError as fault:
            raise _broken(part, fault) from fault

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: id → kind (the last word of its type) and name of the other part."""
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations not in self:
            return {}
        found: dict[str, tuple[str, str]] = {}
        for one in self.tree(relations):
            target = one.get("Target", "")
            if one.get("TargetMode") != "External" and target:
                path = (
                    target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                )
                found[one.get("Id", "")] = (one.get("Type", "").rsplit("/", 1)[-1], path)
        return found

    def main(self) -> str | None:
        """The part that is the document itself."""
        return next((path for kind, path in self.related("").values() if kind == "officeDocument"), None)


def _broken(part: str, fault: Exception) -> ValueError:
    words = str(fault)
    if "depth" in words.lower():
        return ValueError(f"{part} is nested too deep to be read")
    return ValueError(f"a damaged Office file: {part}: {words.splitlines()[0] if words else 'no XML'}")


def local(node: Any) -> str:
    """The name of an element without its namespace; two generations of Office use different ones."""
    return node.tag.rsplit("}", 1)[-1] if isinstance(node.tag, str) else ""


def attribute(node: Any, name: str) -> str | None:
    """An attribute by its name without the namespace."""
    return next((str(value) for key, value in node.attrib.items() if key.rsplit("}", 1)[-1] == name), None)
