"""How real is the simulated survey? Three measurements, one table.

1. The published difficulty: the published recipe on 10,000 simulated spectra against its results
   on LAMOST. 2. The real sky: models trained on the simulation alone, on the real spectra of a
   folder, as they are and with noise added. 3. Simulated or real? A classifier is trained to tell
   simulated from real stars; the better it does, the more the simulation gives itself away, and the
   wavelengths say where.

Run it with ``python -m benchmarks.realism --real FOLDER``; it writes ``benchmarks/realism.json``
and prints the table that data/README.md shows. About 40 minutes on two cores, most of them for the
published network: what is measured is written at once, and rows of the published recipe that the
file holds for this version of the survey are kept, unless ``--fresh`` asks for them anew.
"""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.decomposition import PCA

from benchmarks.published import run_published
from benchmarks.simulated_or_real import measure_difference
from spectra_helpers.data import CLASSES
from spectra_helpers.evaluate import confusion, degrade_to_snr, score_predictions
from spectra_helpers.files import open_spectra, read_spectra, replace_when_done, write_spectra
from spectra_helpers.preprocess import energy_normalize
from spectra_helpers.simulate import VERSION, simulate_survey
from spectra_tools.command.train import add_varied, fit_prepared, read_prepared

RESULTS = Path(__file__).with_suffix(".json")
FAINTER, DRAWS = (10, 5, 3), 10  # SNR that noise is added down to; times that it is drawn
# Bands that the published work and a faithful stand-in span: (lowest, highest)
BANDS = {
    "forest accuracy": (0.95, 0.98),
    "forest macro F1": (0.92, 0.97),
    "forest quasars called galaxies": (0.06, 0.18),
    "svm accuracy": (0.965, 0.985),
    "cnn accuracy": (0.97, 0.99),
    "PC1 share of variance": (0.55, 0.72),
    "500 components, share of variance": (0.98, 0.995),
}


def measure_difficulty(spectra, epochs=20):
    """Run the published recipe on simulated spectra; yield {figure: value}, the network last."""
    pca = PCA(500, svd_solver="randomized", random_state=30).fit(energy_normalize(spectra.flux))
    shares = pca.explained_variance_ratio_
    yield _round({"PC1 share of variance": shares[0]})
    yield _round({"500 components, share of variance": shares.sum()})
    for name in ("forest", "svm", "cnn"):
        result = run_published(spectra, name, epochs=epochs)
        scores = score_predictions(result["truth"], result["predicted"])
        figures = {f"{name} {score}": scores[score] for score in ("accuracy", "macro F1")}
        if name == "forest":
            matrix = confusion(result["truth"], result["predicted"])
            figures["forest quasars called galaxies"] = matrix[1, 0]
        yield _round(figures)


def _round(figures):
    return {name: round(float(value), 4) for name, value in figures.items()}


def measure_real_sky(path, real, seed=30):
    """Train each model as `spectra train` does and show it the real spectra.

    Returns {model: [right, total] of each class}, and {model: {SNR: right}} with noise added, the
    mean of several draws of the noise.
    """
    figures, fainter, spectra = {}, {}, read_prepared(open_spectra(path))
    for name in ("forest", "svm", "cnn"):
        every = add_varied(name, spectra, seed)
        model = fit_prepared(name, every.flux, every.label, seed, objects=every.objid)
        right = model.predict(real.flux) == real.label
        figures[name] = {
            CLASSES[k]: [int(right[real.label == k].sum()), int((real.label == k).sum())]
            for k in range(len(CLASSES))
        }
        fainter[name] = {snr: _count_right(model, real, snr) for snr in map(str, FAINTER)}
    return figures, fainter


def _count_right(model, real, snr):
    noisy = (degrade_to_snr(real.flux, float(snr), draw) for draw in range(DRAWS))
    return float(np.mean([(model.predict(flux) == real.label).sum() for flux in noisy]))


def make_table(results):
    """Return the results as the Markdown table of data/README.md."""
    lines = ["| figure | simulated survey | band or bar |", "|---|---|---|"]
    for name, value in results["difficulty"].items():
        band = "{:g} to {:g}".format(*BANDS[name]) if name in BANDS else ""
        lines.append(f"| published recipe: {name} | {value:.3f} | {band} |".replace("|  |", "| |"))
    for name, classes in results.get("real sky", {}).items():
        parts = ", ".join(f"{right} of {n} {c}" for c, (right, n) in classes.items())
        lines.append(f"| real spectra right, {name} | {parts} | best model: at most 2 wrong |")
    for name, right in results.get("real sky, fainter", {}).items():
        total = sum(n for _, n in results["real sky"][name].values())
        parts = ", ".join(f"{value:.1f} at SNR {snr}" for snr, value in right.items())
        lines.append(f"| of these {total} with noise added, right, {name} | {parts} | |")
    if "difference" in results:
        found = results["difference"]
        where = ", ".join(str(w) for w in found["telling wavelengths"])
        told = f"{found['accuracy']:.2f}, most at {where} Å"
        lines.append(f"| simulated or real star? judge's accuracy | {told} | 0.5 by guessing |")
        plates = found["simulated plates"]
        told = f"{np.median(plates):.2f} ({plates[0]:.2f} to {plates[-1]:.2f})"
        lines.append(f"| the same of {len(plates)} simulated plates, median (range) | {told} | |")
    return "\n".join(lines)


def main(
    real: Annotated[Path | None, typer.Option(help="Folder of real LAMOST or SDSS files.")] = None,
    n: Annotated[int, typer.Option(help="Simulated spectra.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Of the simulation.")] = 1,
    epochs: Annotated[int, typer.Option(help="Of the published network.")] = 20,
    fresh: Annotated[bool, typer.Option(help="Run the published recipe again.")] = False,
):
    """Measure how real the simulated survey is."""
    spectra = simulate_survey(n, seed, progress=True)
    job = {"version": VERSION, "n": n, "seed": seed, "epochs": epochs}
    results = _read_kept(job) if not fresh else dict(job)
    if real is not None:
        sky = read_spectra(real)
        with tempfile.TemporaryDirectory() as folder:
            write_spectra(Path(folder) / "simulated.fits", spectra)
            figures = measure_real_sky(Path(folder) / "simulated.fits", sky)
        results["real sky"], results["real sky, fainter"] = figures
        results["difference"] = measure_difference(spectra, sky)
    _keep(results)
    if not set(BANDS) <= set(results.get("difficulty", {})):
        for figures in measure_difficulty(spectra, epochs):
            results.setdefault("difficulty", {}).update(figures)
            _keep(results)
    print(make_table(results))


def _read_kept(job):
    """Return what the result file holds if it is of this job, else the job alone."""
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    return kept if {name: kept.get(name) for name in job} == job else dict(job)


def _keep(results):
    with replace_when_done(RESULTS) as part:
        part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
