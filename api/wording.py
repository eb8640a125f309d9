"""What the contract says in words: of the API, its parts, its headers, and the rules of its judgements."""

from __future__ import annotations

from pathlib import Path

from api import comparisons

_SEEDS = Path(__file__).parents[1] / "seeds"


def rules(name: str) -> str:
    """The rules of a file of ``seeds``, a Markdown list: they stand there as a comment above the SQL that follows them."""
    lines = (_SEEDS / f"{name}.sql").read_text("utf-8").splitlines()
    start = lines.index("-- The rules, and why:")
    told = []
    for line in lines[start + 1 :]:
        if not line.startswith("-- "):
            break
        told.append(line.removeprefix("-- "))
    return "\n".join(told)


ABOUT = """\
China's plan indicators, read from the documents that state them: targets beside actuals, with comparator, unit and
the place in the document. Reading needs no key; a key raises the limits, and exports need one.

- A list comes in pages: `page.next` is the cursor of the next one, also in the header `Link`. All pages of a query
  come from one snapshot; when that is no longer kept, the answer is 410.
- Parameters are strict: what is unknown, repeated, empty, malformed or contradictory is answered with 400 and says
  what is allowed.
- Errors are problem details (RFC 9457) in Chinese, or in English by `Accept-Language`.
- Every answer has an `ETag`; `If-None-Match` with it is answered with 304 while nothing changed.
- Limits are told by `RateLimit` and `RateLimit-Policy` on every answer, and all of them by `/v1/limits`.
- Answers are coded with zstd, br or gzip as `Accept-Encoding` asks.
- Answers may gain fields. `GET` also stands for `HEAD` and `OPTIONS`.
- What goes is marked `deprecated` here at least 180 days before; its answers carry `Deprecation` and `Sunset`.
"""
TAGS = {
    "service": "The service itself",
    "regions": "Regions of GB/T 2260",
    "categories": "Categories of indicators",
    "years": "Years that observations are about",
    "indicators": "The indicator catalogue",
    "documents": "The documents that observations come from",
    "observations": f"What documents state\n\n{rules('preferred')}",
    "codes": "Closed lists",
    "assessments": f"Was the plan met\n\n{rules('assessments')}",
    "discrepancies": f"What contradicts what\n\n{rules('discrepancies')}",
    "comparisons": f"Regions and periods side by side\n\n{(comparisons.__doc__ or '').partition('and why:')[2].strip()}",
    "changes": "What snapshots added, revised and withdrew",
    "exports": "Everything, in bulk",
}
HEADERS = {  # what it tells, and its type
    "X-Request-Id": ("Names this answer in the server's log", "string"),
    "ETag": ("Strong entity tag, for If-None-Match", "string"),
    "Cache-Control": ("How long the answer may be given again without asking", "string"),
    "Vary": ("The headers of the request that the answer depends on", "string"),
    "Content-Language": ("zh or en", "string"),
    "Link": ("The next page, rel=next; what describes an export, rel=describedby", "string"),
    "RateLimit": (
        "What is left of the budget (r) and in how many seconds (t) it is whole again, or after a refusal open again",
        "string",
    ),
    "RateLimit-Policy": ("The budget's size (q) in a span (w, seconds)", "string"),
    "Retry-After": ("Seconds to wait", "integer"),
    "Allow": ("The methods that the path has", "string"),
    "WWW-Authenticate": ("How to give a key", "string"),
    "Accept-Ranges": ("bytes, where Range can ask for a part", "string"),
    "Content-Range": ("Which part this is, and of how many bytes", "string"),
    "Content-Disposition": ("The name to save the file under", "string"),
    "Content-Encoding": ("zstd, br or gzip, where the client asks for one", "string"),
    "Access-Control-Allow-Origin": ("The web origins that may read", "string"),
    "Access-Control-Expose-Headers": ("The headers that a web page may read", "string"),
    "X-Content-Type-Options": ("nosniff", "string"),
    "Referrer-Policy": ("no-referrer", "string"),
    "Content-Security-Policy": ("What a browser may do with the answer", "string"),
    "Deprecation": ("Since when the operation is deprecated (RFC 9745)", "string"),
    "Sunset": ("When the operation goes (RFC 8594)", "string"),
}
EVERY = (
    *("X-Request-Id", "Vary", "RateLimit", "RateLimit-Policy", "Cache-Control"),
    *("Access-Control-Allow-Origin", "Access-Control-Expose-Headers"),
    *("X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy"),
)
GOOD = (*EVERY, "ETag")
SENT = {  # headers of a request
    "If-None-Match": "ETags of answers that the client has; 304 where one of them still holds",
    "Accept-Language": "zh or en, for the words of errors",
    "X-Request-Id": "A name for this request in the server's log, 8 to 64 of A-Z a-z 0-9 . _ -; else one is given",
    "Range": "A part of the file: bytes=0-1023. Only where no filter is given",
    "If-Range": "An ETag: Range holds only while this is the file's",
}
