"""A published snapshot becomes a file of observations: `export`, with the filters of the API as options."""

from __future__ import annotations

from pathlib import Path

import click

from api import parameters
from api.command.options import DATA, Failed
from api.parameter import Parameter


def _allowed(parameter: Parameter) -> str:
    """What a parameter means, what it may hold, and whether it may be given more than once."""
    about = parameter.about.removesuffix(".")
    if parameter.name == "selection":  # its default is another one here
        about = f"{about.partition('. The default')[0]}. The default here is all"
    if parameter.values:
        plain = [value for value in parameter.values if not value.startswith("-")]
        signs = ", each also with a - before it" if len(plain) < len(parameter.values) else ""
        form = ", ".join(plain) + signs
    else:
        form = parameter.form[1]
    many = {
        "no": " Once only.",
        "repeated": " May be repeated.",
        "comma": f" Up to {parameter.most_items}, with commas between them; once only.",
    }
    return f"{about}. Allowed: {form}.{many[parameter.many]}"


def _filters(command: click.Command) -> click.Command:
    """Give a command an option for each filter of the API."""
    for parameter in parameters.EXPORTED:
        command.params.append(
            click.Option(
                [f"--{parameter.name.replace('_', '-')}", parameter.name],
                multiple=True,  # a repeated single one is refused, not forgotten
                metavar={"integer": "NUMBER", "date": "DATE", "boolean": "true|false"}.get(parameter.type, "TEXT"),
                help=_allowed(parameter),
            )
        )
    return command


@_filters
@click.command(context_settings={"show_default": True})
@click.option("--format", "form", required=True, type=click.Choice(["ndjson", "csv", "parquet", "arrow"]))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, readable=False),
    help="File to write; else standard output.",
)
@DATA
def export(form: str, output: Path | None, data: Path, **filters: object) -> None:
    """Write the observations that the filters select: all of them, unless told otherwise.

    Fields and filters are those of /v1/observations; `selection` is `all` here unless told otherwise.
    """
    from api import files
    from api.export import Refused

    given = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in filters.items()
        if value not in (None, ())
    }
    try:
        count = files.write(data, form, output, given)  # type: ignore[arg-type]
    except files.WrongFilter as error:
        raise click.UsageError(str(error)) from error
    except Refused as error:
        raise Failed(str(error)) from error
    click.echo(f"{count} observations", err=True)
