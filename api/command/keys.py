"""Words on the command line become API keys, made, listed, rotated and revoked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from api import key_ring
from api.command.options import DATA, failing
from api.key_file import SCOPES, Refused
from api.limits import Rate

_SPAN = re.compile("([0-9]{1,6})([mhd])")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_COLUMNS = ("prefix", "name", "scopes", "rate", "created", "expires", "last_used", "state")


class _RateType(click.ParamType[Rate]):
    name = "rate"

    def convert(self, value: str | Rate, param: click.Parameter | None, ctx: click.Context | None) -> Rate:
        if isinstance(value, Rate):
            return value
        try:
            return Rate.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _SpanType(click.ParamType[timedelta]):
    """A time from now on, like 90d."""

    name = "span"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        if not (found := _SPAN.fullmatch(value)):
            self.fail(f"{value[:40]!r}: days, hours or minutes like 90d, 12h or 30m are allowed", param, ctx)
        span = int(found[1]) * _UNITS[found[2]]
        if span > key_ring.LONGEST_GRACE:
            self.fail(f"{value!r}: at most {key_ring.LONGEST_GRACE.days}d", param, ctx)
        return span


class _EndType(click.ParamType[datetime]):
    """A moment to come, as a time from now on or a date."""

    name = "end"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        now = datetime.now(UTC)
        if _SPAN.fullmatch(value):
            end = now + _SpanType().convert(value, param, ctx)
        else:
            try:
                if not _DATE.fullmatch(value):
                    raise ValueError
                end = datetime.fromisoformat(value).replace(tzinfo=UTC)
            except ValueError:
                self.fail(f"{value[:40]!r}: a time like 90d, 12h or 30m, or a date like 2027-01-31", param, ctx)
        if end <= now:
            self.fail(f"{value!r} is not in the future", param, ctx)
        return end


def _name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not key_ring.fit(value):
        raise click.BadParameter(f"1 to {key_ring.LONGEST_NAME} printable characters are allowed, and not blanks alone")
    return value


@click.group()
def keys() -> None:
    """API keys: make, list, rotate and revoke them.

    A key is printed once, when it is made; only a digest of it is kept. Afterwards it is named by its prefix, its first
    12 characters. Running servers follow within a second.
    """


@keys.command()
@click.option("--name", required=True, callback=_name, help="Whose key it is, or what for; up to 100 characters.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=["read"],
    show_default=True,
    type=click.Choice(SCOPES),
    help="What it opens. May be repeated.",
)
@click.option("--rate", type=_RateType(), metavar="RATE", help="Requests allowed, like 600/minute; else the server's.")
@click.option(
    "--expires",
    type=_EndType(),
    metavar="TIME",
    help="When it ends: after 90d, 12h or 30m, or with the beginning of a day (UTC) like 2027-01-31; else never.",
)
@DATA
def create(name: str, scopes: tuple[str, ...], rate: Rate | None, expires: datetime | None, data: Path) -> None:
    """Make a key and print it, this once, alone on standard output."""
    with failing(Refused):
        text, key = key_ring.create(data, name, scopes, rate, expires)
    click.echo(text)
    click.echo(f"made {key.prefix}; the key is shown this once: keep it in a safe place", err=True)


@keys.command("list")
@DATA
def list_keys(data: Path) -> None:
    """List all keys, oldest first, as tab-separated lines with a header.

    \b
    An empty rate is the server's, an empty time is never. States:
      active   it works               rotated  it works until it expires, another is in its place
      expired  its time is over       revoked  it was ended
    """
    with failing(Refused):
        found = key_ring.listed(data)
    now = datetime.now(UTC)
    click.echo("\t".join(_COLUMNS))
    for key in found:
        scopes = ",".join(scope for scope in SCOPES if scope in key.scopes)
        times = (_shown(moment) for moment in (key.created, key.expires, key.last_used))
        rate = "" if key.rate is None else str(key.rate)
        click.echo("\t".join([key.prefix, key.name, scopes, rate, *times, key.state(now)]))


def _shown(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@keys.command()
@click.argument("prefix")
@click.option(
    "--grace",
    type=_SpanType(),
    metavar="TIME",
    default="7d",
    show_default=True,
    help="How long the old one works on: 7d, 12h, 30m; 0m ends it at once.",
)
@DATA
def rotate(prefix: str, grace: timedelta, data: Path) -> None:
    """Make a key in place of the one with PREFIX and print it, this once, alone on standard output.

    It has the same name, scopes, rate and expiry. The old one works on for a while.
    """
    with failing(Refused):
        text, key = key_ring.rotate(data, prefix, grace)
    click.echo(text)
    click.echo(f"made {key.prefix}; the key is shown this once: keep it in a safe place", err=True)


@keys.command()
@click.argument("prefix")
@DATA
def revoke(prefix: str, data: Path) -> None:
    """End the key with PREFIX for good; one that is revoked stays so. A key that it was rotated to works on."""
    with failing(Refused):
        key = key_ring.revoke(data, prefix)
    click.echo(f"revoked {key.prefix} ({key.name})")
