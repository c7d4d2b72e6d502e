"""`spectra convert`: real survey files into one training file."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from spectra_tools.command.errors import ErrorCount
from spectra_tools.command.options import Files, Force


class ClassName(StrEnum):
    """Classes, for ``spectra convert --label``; their order is that of the labels."""

    galaxy = "galaxy"
    quasar = "quasar"
    star = "star"


def convert(
    spectra: Files,
    out: Annotated[Path, typer.Option("-o", help="Training file to write.")],
    label: Annotated[
        ClassName | None, typer.Option(help="Class of files that tell none themselves.")
    ] = None,
    force: Force = False,
):
    """Put real LAMOST and SDSS files into one training file."""
    from spectra_helpers.files import open_spectra, require_output, require_training_name

    errors = ErrorCount()
    opened = open_spectra(spectra, errors)
    require_training_name(out)
    require_output(out, force, opened.paths)
    number = None if label is None else list(ClassName).index(label)
    typer.echo(f"Wrote {out}: {convert_files(opened, out, number, errors)}.")
    errors.exit_if_any()


def convert_files(opened, out, label, on_error):
    """Write the real spectra that can be read as one training file, with TRUTH and IVAR.

    Parameters
    ----------
    opened : Spectra
        Training files among them are left out.
    out : Path
    label : int or None
        Label of spectra whose file tells no class; None leaves them out.
    on_error : callable
        Called with a sentence for each file that is left out.

    Returns
    -------
    str
        What was written.

    Raises
    ------
    ValueError
        If no file can be read, or no spectrum is left to write.
    """
    import numpy as np

    from spectra_helpers.files import write_spectra

    spectra = _read_survey_files(opened, out, on_error)
    unknown = spectra.label < 0
    if label is None:
        for path in spectra.truth["path"][unknown]:
            on_error(f"{path} tells no class: give --label galaxy, quasar or star.")
        spectra = spectra[~unknown]
    else:
        spectra = replace(spectra, label=np.where(unknown, label, spectra.label))
    if not len(spectra):
        raise ValueError(f"No spectrum is left to write: {out} was not made.")
    write_spectra(out, spectra)
    return str(spectra)


def _read_survey_files(opened, out, on_error):
    for file in opened.files:
        if file.is_training:
            on_error(f"{file.path} is a training file already: give the files of a survey.")
    survey = [file for file in opened.files if not file.is_training]
    if not survey:
        raise ValueError(f"No spectrum is left to write: {out} was not made.")
    return opened.only(survey).read(ivar=True)
