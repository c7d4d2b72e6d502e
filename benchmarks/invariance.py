"""What may change in a spectrum without changing the answer? One thing at a time.

``python -m benchmarks.invariance MODEL…`` asks models of `spectra train` about 1,000 spectra of the
simulated deep survey, SNR 10 and more, as they are and with one change that leaves their class what
it is: brightness, slope, a step between the arms, resolution, redshift, ends not measured.
It prints a table, and keeps nothing: how many are right, and how many answers changed. About a
minute on two cores.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from spectra_helpers.augment import (
    degrade_resolution,
    offset_arms,
    redshift_spectrum,
    tilt_spectrum,
)
from spectra_helpers.data import CLASSES, WAVELENGTH
from spectra_helpers.models import load_model
from spectra_helpers.simulate import simulate_survey

N, SEED, LEAST_SNR = 1_000, 910, 10
STAR = CLASSES.index("star")


def cut(flux, low=0.0, high=np.inf):
    """Return spectra that were measured between two wavelengths only, Å; zeros elsewhere."""
    return np.where((low <= WAVELENGTH) & (high >= WAVELENGTH), flux, 0)


def list_changes(flux, label):
    """Yield a name and the changed spectra, shape (n_spectra, 3000), for each change."""
    yield "as they are", flux
    yield "a thousand times as bright", 1000 * flux
    yield "slope, a factor of 2.7 over the window", tilt_spectrum(flux, 0.5)
    yield "red arm 20 % too bright", offset_arms(flux, 0.2)
    yield "resolution worse, 6 pixels", degrade_resolution(flux, 6.0)
    yield "redshift, 5 % farther", redshift_spectrum(flux, np.where(label == STAR, 0, 0.05))
    yield "not measured below 4,500 Å", cut(flux, low=4500)
    yield "not measured above 8,000 Å", cut(flux, high=8000)


def measure(models, flux, label):
    """Return rows (change, then for each model: right, changed) of the table."""
    rows, before = [], None
    for name, changed in list_changes(flux, label):
        answers = [model.predict(changed) for model in models.values()]
        before = before or answers
        cells = [
            f"{np.mean(now == label):.3f}, {np.sum(now != then)} changed"
            for now, then in zip(answers, before, strict=True)
        ]
        rows.append((name, *cells))
    return rows


def main(paths: Annotated[list[Path], typer.Argument(help="Model files of `spectra train`.")]):
    """Change spectra in one way at a time, ask the models, and print the table."""
    survey = simulate_survey(3 * N, SEED, survey="deep")
    some = survey[np.flatnonzero(survey.truth["snr"] >= LEAST_SNR)[:N]]
    models = {path.stem: load_model(path) for path in paths}
    rows = [(f"{len(some)} spectra", *models), ("---",) * (1 + len(models))]
    for row in [*rows, *measure(models, some.flux, some.label)]:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    typer.run(main)
