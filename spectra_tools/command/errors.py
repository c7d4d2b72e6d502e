"""How a command of ``spectra`` says what went wrong: one line on stderr, exit code 1."""

import functools
import sys

import typer


def report_errors(command):
    """Turn what a user can mend into one line on stderr and exit code 1."""

    @functools.wraps(command)
    def run(*args, **options):
        if hasattr(sys.stdout, "reconfigure"):  # a console may not know Å, or a file's name
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            return command(*args, **options)
        except (ValueError, OSError) as error:
            show_error(error)
            raise typer.Exit(1) from error

    return run


def show_error(error):
    """Write ``Error: ...`` on stderr, in one line."""
    typer.echo(f"Error: {' '.join(str(error).split())}", err=True)
