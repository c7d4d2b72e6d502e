"""`spectra simulate`: a survey that never was, as a training file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from spectra_tools.command.options import Force


class SurveyName(StrEnum):
    """Surveys that ``spectra simulate`` can simulate."""

    deep = "deep"
    published = "published"


def simulate(
    out: Annotated[Path, typer.Argument(help="Training file to write.", metavar="OUT.fits")],
    n: Annotated[int, typer.Option("--n", help="Number of spectra.", min=1)] = 10_000,
    seed: Annotated[int, typer.Option(help="Another seed, other spectra.", min=0)] = 1,
    survey: Annotated[
        SurveyName, typer.Option(help="deep: the faint sky. published: as bright as the lessons'.")
    ] = SurveyName.deep,
    force: Force = False,
):
    """Simulate a survey and write it as a training file."""
    from spectra_helpers.files import require_output, require_training_name
    from spectra_helpers.simulate import simulate_to_file

    require_training_name(out)
    require_output(out, force)
    simulate_to_file(out, n, seed, progress=True, survey=str(survey))
    typer.echo(f"Wrote {out}: {n:,} simulated spectra, seed {seed}, of the {survey} survey.")
