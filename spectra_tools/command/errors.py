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


class ErrorCount:
    """Show errors as they come, and exit with code 1 at the end if there were any."""

    def __init__(self):
        self.number = 0

    def __call__(self, error):
        """Show an error and count it."""
        show_error(error)
        self.number += 1

    def exit_if_any(self):
        """Leave with exit code 1 if an error was shown."""
        if self.number:
            raise typer.Exit(1)
