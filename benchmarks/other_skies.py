"""What do the models of `spectra train` make of fainter objects and of another telescope?

Trained on 10,000 simulated spectra of SNR 10 and more, as `spectra train` does, and asked about
900 spectra of each class: of the same survey, of objects down to SNR 3, and of such objects under
the noise of SDSS. ``python -m benchmarks.other_skies`` prints a table of data/README.md and writes
``benchmarks/other_skies.json``. About 8 minutes on two cores.
"""

import json
import tempfile
from pathlib import Path

import numpy as np
import typer
from tqdm import tqdm

from benchmarks.evidence_table import TITLES
from spectra_helpers.data import CLASSES, WAVELENGTH, SpectraSet
from spectra_helpers.evaluate import bootstrap_intervals, score_predictions
from spectra_helpers.files import open_spectra, replace_when_done
from spectra_helpers.models import vote
from spectra_helpers.simulate import simulate_survey, simulate_to_file
from spectra_helpers.simulate.instrument import draw_survey_noise
from spectra_helpers.simulate.sky import draw_sky_residual
from spectra_tools.command.classify import MODEL_TITLES, VOTE, VOTERS
from spectra_tools.command.train import (
    LEARN_FROM_VARIED,
    add_varied,
    fit_prepared,
    read_prepared,
)

RESULT = Path(__file__).with_suffix(".json")
SEED, N_TRAIN, N_TEST, EACH = 41, 10_000, 11_000, 900  # a seed that no other benchmark uses
# Noise of SDSS against wavelength, relative to 6250 Å: median of 1/sqrt(inverse variance) of four
# spectra of SDSS-I (plates 266, 267 and 1325), read between the sky lines.
SDSS_WAVELENGTH = (
    3900, 4000, 4200, 4500, 5000, 5500, 5750, 5900, 6000, 6250, 6500, 7000, 7500, 8000, 8500, 9000,
)  # fmt: skip
SDSS_NOISE = (
    2.9, 2.4, 1.9, 1.6, 1.35, 1.3, 1.3, 1.25, 1.15, 1.0, 0.88, 0.84, 0.85, 1.0, 1.15, 1.5,
)  # fmt: skip


def observe_with_lamost(flux, rng):
    """Add the simulation's own noise and sky residuals, for an SNR from 3 up."""
    noise, sigma = draw_survey_noise(flux, _draw_snr(rng), rng, rng)
    return flux + noise + draw_sky_residual(sigma, rng)


def observe_with_sdss(flux, rng):
    """Add noise shaped like that of SDSS, for an SNR from 3 up; its sky lines are clean."""
    shape = np.interp(WAVELENGTH, SDSS_WAVELENGTH, SDSS_NOISE)
    near = slice(*WAVELENGTH.searchsorted((6000, 6500)))
    sigma = np.median(np.abs(flux[near])) / _draw_snr(rng) * shape
    return flux + sigma * rng.standard_normal(len(flux))


def _draw_snr(rng):
    return 3 + rng.exponential(6)  # a pixel, at 6000-6500 Å; median 7


SKIES = {
    "LAMOST, SNR 10 and more": None,
    "LAMOST, SNR 3 and more": observe_with_lamost,
    "noise of SDSS, SNR 3 and more": observe_with_sdss,
}


def make_skies():
    """Simulate further objects, as many of each class, and observe them under each sky."""
    noisy, clean = (
        simulate_survey(N_TEST, SEED, first_row=N_TRAIN, noiseless=noiseless)
        for noiseless in (False, True)
    )
    rows = np.concatenate([np.flatnonzero(noisy.label == k)[:EACH] for k in range(len(CLASSES))])
    rng, skies = np.random.default_rng(SEED), {}
    for name, observe in SKIES.items():
        flux = noisy.flux[rows]
        if observe is not None:
            flux = np.array([observe(row, rng) for row in clean.flux[rows]], np.float32)
        skies[name] = SpectraSet(flux, noisy.label[rows], rows)
    return skies


def score_models(skies, spectra):
    """Train each model as `spectra train` does and without varied copies; return macro F1."""
    results, proba = {name: {} for name in skies}, {name: {} for name in skies}
    ways = [(model, True) for model in MODEL_TITLES]
    ways += [(model, False) for model in LEARN_FROM_VARIED]
    for model, vary in tqdm(ways, "training"):
        every = add_varied(model, spectra, seed=30) if vary else spectra
        trained = fit_prepared(model, every.flux, every.label, seed=30, objects=every.objid)
        title = TITLES[model] + ("" if vary else ", no varied copies")
        for name, sky in skies.items():
            found = trained.predict_proba(sky.flux)
            results[name][title] = _score(sky.label, found)
            if vary:
                proba[name][model] = found
    for name, sky in skies.items():
        together = vote([proba[name][model] for model in VOTERS])
        results[name][TITLES[VOTE]] = _score(sky.label, together)
    return results


def _score(label, proba):
    called = proba.argmax(axis=1)
    low, high = bootstrap_intervals(label, called)["macro F1"]
    return [score_predictions(label, called)["macro F1"], low, high]


def make_table(results):
    """Format the results as a Markdown table: macro F1 with intervals, a column a sky."""
    skies = list(results)
    lines = [f"| macro F1 | {' | '.join(skies)} |", f"| --- |{' --- |' * len(skies)}"]
    for title in sorted(results[skies[0]]):
        cells = ["{:.3f} ({:.3f}–{:.3f})".format(*results[sky][title]) for sky in skies]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    """Train, score under each sky, and print the table."""
    skies = make_skies()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.fits"
        simulate_to_file(path, N_TRAIN, SEED, progress=True)
        spectra = read_prepared(open_spectra(path))
    results = score_models(skies, spectra)
    with replace_when_done(RESULT) as part:
        part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(make_table(results))


if __name__ == "__main__":
    typer.run(main)
