"""`spectra check`: what is wrong with files, or what they hold."""

import typer

from spectra_tools.command.errors import ErrorCount
from spectra_tools.command.options import Files


def check(files: Files):
    """Tell what is wrong with training files, or that nothing is."""
    from spectra_helpers.files import open_spectra

    errors = ErrorCount()
    for file in open_spectra(files, errors, labels=False).iterate_files():
        problems = file.find_problems()
        for problem in problems:
            errors(problem)
        if not problems:
            typer.echo(f"Good: {file}")
    errors.exit_if_any()
