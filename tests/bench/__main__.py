"""Makes data, starts this server and its peers, asks all the same, and prints what it took: ``python -m tests.bench``."""

from __future__ import annotations

import os
import platform
import re
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click
import duckdb
import msgspec

from tests.bench import load, publication, questions, results, scenarios, servers, synthetic
from tests.bench.servers import Failure

README = Path(__file__).parents[2] / "README.md"
PEERS = ("litestar_sqlite", "fastapi_orm", "datasette", "roapi")
HEAVY = 1_000_000  # observations from which on roapi, which holds all of them in memory, is left out
_MARKED = re.compile(r"(?<=<!-- bench -->\n).*?(?=<!-- /bench -->)", re.S)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--data", type=click.Path(path_type=Path), help="Folder for the data; else one that is gone at the end.")
@click.option("--keep", is_flag=True, help="Leave the data in --data, and take what lies there already.")
@click.option("--size", "sizes", multiple=True, type=click.IntRange(1_500, synthetic.MOST), help="Observations.")
@click.option("--seconds", default=4.0, show_default=True, type=click.FloatRange(1, 60), help="Of each turn.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1, 20), help="Turns of each server.")
@click.option("--seed", default=synthetic.SEED, show_default=True, type=int, help="Of the made-up data.")
@click.option("--only", multiple=True, type=click.Choice(["hot", "cold", "alone", "exports"]), help="Scenarios.")
@click.option("--without", multiple=True, type=click.Choice(PEERS), help="Peers to leave out.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="File for all numbers.")
@click.option("--write", is_flag=True, help="Write the table into the README, between its bench marks.")
@click.option("--smoke", is_flag=True, help="Whether all of it still works: 1,500 observations, one turn of a second.")
def main(
    data: Path | None,
    keep: bool,
    sizes: tuple[int, ...],
    seconds: float,
    rounds: int,
    seed: int,
    only: tuple[str, ...],
    without: tuple[str, ...],
    file: Path | None,
    write: bool,
    smoke: bool,
) -> None:
    """How fast the server is beside others, on made-up data. A goal that is missed is told, and is no failure.

    Exit status: 0 where everything answered correctly, 1 where something did not, 2 on wrong usage.
    """
    if keep and data is None:
        raise click.UsageError("--keep needs --data")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no server stays behind
    began = time.monotonic()
    if smoke:
        sizes, seconds, rounds = (1_500,), 1.0, 1
    sizes = tuple(sorted(sizes or synthetic.SIZES))
    with ExitStack() as stack:
        try:
            load.tool()
            click.echo("peers: their environment is looked for, and made where it is not there", err=True)
            measure = scenarios.Measure(
                python=servers.environment(),
                scratch=Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))),
                seconds=seconds,
                rounds=rounds,
                seed=seed,
                peers=frozenset(PEERS) - frozenset(without),
                say=lambda what: click.echo(f"{time.monotonic() - began:7.1f} s  {what}", err=True),
            )
            if keep and data is not None:
                folder = data.absolute()
            else:
                if data is not None:
                    data.mkdir(parents=True, exist_ok=True)
                folder = Path(
                    stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-data-", dir=data and data.absolute()))
                )
            _measure(measure, folder, sizes, only or ("hot", "cold", "alone", "exports"))
        except Failure as error:
            raise click.ClickException(str(error)) from error
    table = results.markdown(measure.rows, sizes)
    told = _told(sizes, measure)
    click.echo("\n".join([*results.lines(measure.rows), "", told]))
    if file is not None:
        numbers = [msgspec.to_builtins(each) | {"ratio": each.ratio, "holds": each.holds} for each in measure.rows]
        about = {"about": told, "failures": measure.failures, "rows": numbers}
        file.write_bytes(msgspec.json.format(msgspec.json.encode(about), indent=1))
    for failure in measure.failures:
        click.echo(f"failed: {failure}", err=True)
    measure.say("done")
    if measure.failures:
        sys.exit(1)
    if write:
        readme = README.read_text("utf-8")
        if not _MARKED.search(readme):
            raise click.ClickException("the README has no <!-- bench --> and <!-- /bench --> on lines of their own")
        README.write_text(_MARKED.sub(lambda _: f"{told}\n\n{table}", readme), "utf-8")


def _measure(measure: scenarios.Measure, folder: Path, sizes: tuple[int, ...], only: tuple[str, ...]) -> None:
    places = []
    for size in sizes:
        measure.say(f"{size:,}: publishing")
        home = folder / str(size)
        home.mkdir(parents=True, exist_ok=True)
        published = publication.published(home, size, measure.seed)
        data = questions.data(home / "snapshots" / f"{published.snapshot}.duckdb", measure.seed)
        place = scenarios.Place(folder=home, published=published, data=data)
        places.append(place)
        scenarios.publication(measure, place)
        every, peers = {"hot": scenarios.hot, "cold": scenarios.cold, "exports": scenarios.exports}, measure.peers
        if size >= HEAVY:
            measure.peers = peers - {"roapi"}
        for name, scenario in every.items():
            if name in only:
                with measure.safe(f"{size:,}: {name}"):
                    scenario(measure, place)
        if "alone" in only:
            scenarios.one_by_one(measure, place)
        measure.peers = peers
    by_size = {place.size: place for place in places}
    small, large = (by_size.get(size) for size in synthetic.SIZES[1:])
    if small is not None and large is not None and "cold" in only:
        with measure.safe("cold: the largest beside the one before"):
            scenarios.growing(measure, small, large)


def _told(sizes: tuple[int, ...], measure: scenarios.Measure) -> str:
    """Where and how it was measured."""
    return (
        f"Medians of {measure.rounds} rounds of {measure.seconds:g} s in turn, {load.CONNECTIONS} connections, one worker; "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}."
    )


if __name__ == "__main__":
    main()
