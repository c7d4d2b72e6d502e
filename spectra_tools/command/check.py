"""`spectra check`: what is wrong with files, or what they hold."""

import typer

from spectra_tools.command.errors import ErrorCount
from spectra_tools.command.options import Files


def check(files: Files):
    """Tell what is wrong with training files, or that nothing is, and what is there twice."""
    from spectra_helpers.files import Repeats, open_spectra

    errors, repeats = ErrorCount(), Repeats()
    for file in open_spectra(files, errors, labels=False).iterate_files():
        problems = file.find_problems()
        for problem in problems:
            errors(problem)
        if not problems:
            typer.echo(f"Good: {file}")
            repeats.add(file)
    for sentence in repeats.tell():
        typer.echo(f"Note: {sentence}")
    errors.exit_if_any()
