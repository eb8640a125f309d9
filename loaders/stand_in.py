"""A stand-in for fonts that a PDF file does not hold: every character a square, so that each has an extent.

PDFium passes over a character without extent that stands alone, as the last one of a wrapped cell. Which fonts a machine
has would decide what a document says; with one font for all, nothing of the machine does.
"""

from __future__ import annotations

import ctypes
import struct
from typing import Any

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

EM = 1000


def font() -> bytes:
    """A TrueType font in which all characters are the same square."""
    square = struct.pack(">hhhhh H H", 1, 50, -100, 950, 850, 3, 0) + bytes([1, 1, 1, 1])
    square += struct.pack(">4h 4h", 50, 0, 900, 0, -100, 950, 0, -950)
    cmap = struct.pack(">HHHHI", 0, 1, 3, 10, 12) + struct.pack(">HHIII III", 13, 0, 28, 0, 1, 0x20, 0x10FFFF, 1)
    tables = {
        b"cmap": cmap,
        b"glyf": square,
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh", 0x10000, 0, 0, 0x5F0F3CF5, 0, EM, 0, 0, 0, -100, EM, 900, 0, 8, 2, 1, 0
        ),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, 880, -120, 0, EM, 0, 0, EM, 1, 0, 0, 0, 0, 0, 0, 0, 2),
        b"hmtx": struct.pack(">HhHh", EM, 0, EM, 50),
        b"loca": struct.pack(">3I", 0, 0, len(square)),
        b"maxp": struct.pack(">I14H", 0x10000, 2, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    at = 12 + 16 * len(tables)
    directory, body = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 48), b""
    for name, table in tables.items():
        directory += struct.pack(">4sIII", name, 0, at + len(body), len(table))
        body += table + b"\0" * (-len(table) % 4)
    return directory + body


_kept: list[Any] = []  # what PDFium calls must not be forgotten


def use() -> None:
    """Let PDFium take the stand-in for each font that is not in a file; once is enough."""
    if _kept:
        return
    data = font()
    info = pdfium.FPDF_SYSFONTINFO()
    fields = dict(info._fields_)

    def map_font(*_: Any) -> int:
        return 1

    def get_data(_this: Any, _font: Any, table: int, buffer: Any, size: int) -> int:
        if table:
            return 0
        if buffer and size >= len(data):
            ctypes.memmove(buffer, data, len(data))
        return len(data)

    def none(*_: Any) -> int:
        return 0

    info.version = 1
    info.MapFont = fields["MapFont"](map_font)
    info.GetFont = fields["GetFont"](map_font)
    info.GetFontData = fields["GetFontData"](get_data)
    info.GetFaceName = fields["GetFaceName"](none)
    info.GetFontCharset = fields["GetFontCharset"](lambda *_: 1)
    info.DeleteFont = fields["DeleteFont"](lambda *_: None)
    info.EnumFonts = fields["EnumFonts"](lambda *_: None)
    _kept.append(info)
    pdfium.FPDF_SetSystemFontInfo(ctypes.byref(info))
