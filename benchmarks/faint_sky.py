"""What is training on the deep survey worth? Macro F1 on real faint spectra, by signal-to-noise.

Every model is trained as `spectra train` does on 10,000 spectra of each simulated survey, and asked
about a labelled file of real spectra, and about further simulated ones of both surveys. Run it with
``python -m benchmarks.faint_sky --real FILE``, where the file is in the training format and its
TRUTH table has a column ``snr``; ``--bright FOLDER`` adds files of LAMOST or SDSS. It writes
``benchmarks/faint_sky.json`` and prints the table of data/README.md: means of the seeds. About 6
minutes a survey and seed on two cores; what is measured is written at once, and kept for the same
file and versions of the surveys, unless ``--fresh``.
"""

import hashlib
import json
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from spectra_helpers.evaluate import score_predictions
from spectra_helpers.files import open_spectra, read_spectra, replace_when_done
from spectra_helpers.models import vote
from spectra_helpers.simulate import SURVEYS, simulate_survey, simulate_to_file
from spectra_tools.command.classify import MODEL_TITLES, VOTE, VOTERS
from spectra_tools.command.train import add_varied, fit_prepared, has_faint, read_prepared

RESULTS = Path(__file__).with_suffix(".json")
LIMITS = (0, 3, 5, 10, np.inf)  # of SNR: the columns of the table
N_FURTHER, FURTHER_SEED = 2_500, 900  # simulated spectra that no model was trained on


def find_skies(path, bright):
    """Return {name: (flux, label)}: real spectra, whole and by SNR, bright and simulated ones."""
    real = read_spectra([path])
    snr = np.asarray(real.truth["snr"], float)
    skies = {f"real, all {len(real):,}": (real.flux, real.label)}
    for low, high in pairwise(LIMITS):
        rows = (snr >= low) & (snr < high)
        name = f"SNR {low} to {high}" if np.isfinite(high) else f"SNR {low} and more"
        skies[f"{name} ({rows.sum()})"] = real.flux[rows], real.label[rows]
    if bright is not None:
        others = read_spectra(bright)
        skies[f"real and bright ({len(others)})"] = others.flux, others.label
    for survey in SURVEYS:
        further = simulate_survey(N_FURTHER, FURTHER_SEED, survey=survey)
        skies[f"simulated, {survey}"] = further.flux, further.label
    return skies


def score_survey(survey, seed, n, models, skies):
    """Train models on one survey; yield the name of each and {sky: macro F1}, last their vote's."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.fits"
        simulate_to_file(path, n, seed, progress=True, survey=survey)
        spectra = read_prepared(open_spectra(path))
    proba = {}
    for name in models:
        every = spectra if has_faint(spectra.flux) else add_varied(name, spectra, seed=30)
        model = fit_prepared(name, every.flux, every.label, seed=30, objects=every.objid)
        proba[name] = {sky: model.predict_proba(flux) for sky, (flux, _) in skies.items()}
        yield name, _score(proba[name], skies)
    if set(VOTERS) <= set(proba):
        joint = {sky: vote([proba[name][sky] for name in VOTERS]) for sky in skies}
        yield VOTE, _score(joint, skies)


def _score(proba, skies):
    called = {sky: p.argmax(axis=1) for sky, p in proba.items()}
    scores = {sky: score_predictions(skies[sky][1], answer) for sky, answer in called.items()}
    return {sky: round(score["macro F1"], 4) for sky, score in scores.items()}


def make_table(results):
    """Format the results as a Markdown table: the mean of the seeds, a row a model and survey."""
    means = {}
    for survey, seeds in results["macro F1"].items():
        for model, title in {**MODEL_TITLES, VOTE: VOTE}.items():
            rows = [list(scores[model].values()) for scores in seeds.values() if model in scores]
            if rows:
                means[title, survey] = np.mean(rows, axis=0)
    skies = results["skies"]
    lines = [
        f"| macro F1 | trained on | {' | '.join(skies)} |",
        f"| --- | --- |{' --- |' * len(skies)}",
    ]
    for model, survey in sorted(means):
        cells = " | ".join(f"{value:.3f}" for value in means[model, survey])
        lines.append(f"| {model} | {survey} | {cells} |")
    return "\n".join(lines)


def main(
    real: Annotated[Path, typer.Option(help="Training file of real spectra, with SNR in TRUTH.")],
    bright: Annotated[Path | None, typer.Option(help="Folder of brighter real files.")] = None,
    n: Annotated[int, typer.Option(help="Simulated spectra to train on.")] = 10_000,
    seeds: Annotated[int, typer.Option(help="Surveys of each kind.", min=1)] = 2,
    models: Annotated[str, typer.Option(help="Models to train.")] = ",".join(MODEL_TITLES),
    fresh: Annotated[bool, typer.Option(help="Train everything anew.")] = False,
):
    """Train on each survey, score on real faint spectra, and print the table."""
    skies = find_skies(real, bright)
    results = _read_kept(real, n, list(skies), fresh)
    for seed in range(1, seeds + 1):
        for survey in SURVEYS:
            kept = results["macro F1"].setdefault(survey, {}).setdefault(str(seed), {})
            missing = [name for name in models.split(",") if name not in kept]
            for name, scores in score_survey(survey, seed, n, missing, skies) if missing else ():
                kept[name] = scores
                with replace_when_done(RESULTS) as part:
                    part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(make_table(results))


def _read_kept(real, n, skies, fresh):
    """Return what the result file holds if it is of this job, else the job alone."""
    job = {
        "versions": {name: survey.version for name, survey in SURVEYS.items()},
        "n": n,
        "sha256": hashlib.sha256(real.read_bytes()).hexdigest(),
        "skies": skies,
    }
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() and not fresh else {}
    return kept if {key: kept.get(key) for key in job} == job else {**job, "macro F1": {}}


if __name__ == "__main__":
    typer.run(main)
