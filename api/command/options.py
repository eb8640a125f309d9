"""What the commands share: the option for the data folder, and how a failure is said in one line."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path, readable=False),
    envvar="PLAN_INDICATORS_DATA",
    default=Path("var"),
    show_default="$PLAN_INDICATORS_DATA, else ./var",
    help="Folder that holds snapshots and keys.",
)
FILE = click.Path(path_type=Path, readable=False)  # what cannot be read is said by its reader: a failure, no misuse
NO_DATA = click.option("--data", expose_value=False, help="Taken by every command; this one needs no such folder.")


class Failed(click.ClickException):
    """A failure: one clear line on standard error, exit status 1."""

    def show(self, file: object = None) -> None:
        click.echo(f"plan-indicators: {self.message}", err=True)


@contextlib.contextmanager
def failing(*refusals: type[Exception]) -> Iterator[None]:
    """What refuses a command for one of these reasons is a failure of the command."""
    try:
        yield
    except refusals as error:
        raise Failed(str(error)) from error


class Commands(click.Group):
    """A group whose failures are one line on standard error: exit status 2 on wrong usage, else 1."""

    def main(self, *args: Any, **more: Any) -> Any:
        """Runs the command; ends the process unless told that it does not stand alone."""
        run: Any = super().main
        if not more.pop("standalone_mode", True):
            return run(*args, standalone_mode=False, **more)
        try:
            status = run(*args, standalone_mode=False, **more)
            sys.stdout.flush()
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            asked = "" if error.ctx is None else f" ({error.ctx.command_path} --help tells what is allowed)"
            click.echo(f"plan-indicators: {' '.join(error.format_message().split())}{asked}", err=True)
            sys.exit(2)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("plan-indicators: interrupted", err=True)
            sys.exit(1)
        except BrokenPipeError:
            sys.stdout = _nowhere()
            sys.exit(1)
        except OSError as error:
            click.echo(f"plan-indicators: {error.filename or 'standard output'}: {error.strerror}", err=True)
            sys.stdout = _nowhere()
            sys.exit(1)
        sys.exit(status if isinstance(status, int) else 0)


def _nowhere() -> TextIO:
    """Where what is left of an output goes that nobody takes: else the end of the process complains of it."""
    return Path(os.devnull).open("w", encoding="utf-8")
