"""A catalogue with the classes of the sky: what do probabilities mean where 0.7 % are quasars?

Models are trained as `spectra train` does, on 5,000 spectra of each simulated survey, where 10 or
29 % are quasars, and asked about 10,000 further ones. Each of these counts as often as its class is
more frequent in LAMOST. Probabilities as they are stand beside those of `change_mix`, with the
mix that each model has in mind (`implied_mix`) or with that of its training spectra. Run it with
``python -m benchmarks.class_mix``; it writes ``benchmarks/class_mix.json`` and prints the table of
benchmarks/README.md. About 8 minutes on two cores.
"""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from spectra_helpers.data import CLASSES
from spectra_helpers.evaluate import LAMOST_COUNTS, change_mix, implied_mix
from spectra_helpers.files import replace_when_done
from spectra_helpers.preprocess import SpectrumPreprocessor
from spectra_helpers.simulate import simulate_survey
from spectra_tools.command.train import add_varied, fit_prepared, has_faint

RESULTS = Path(__file__).with_suffix(".json")
MODELS = ("forest", "svm", "templates", "cnn")
QUASAR = CLASSES.index("quasar")


def score(label, proba, mix):
    """Log loss, and precision and recall for quasars, as they would be with this mix."""
    share = np.bincount(label, minlength=len(CLASSES)) / len(label)
    weight = (np.asarray(mix) / np.sum(mix) / share)[label]
    loss = -np.log(np.maximum(proba[np.arange(len(label)), label], 1e-9))
    called, true = proba.argmax(axis=1) == QUASAR, label == QUASAR
    return {
        "log loss": np.average(loss, weights=weight),
        "precision": weight[called & true].sum() / weight[called].sum(),
        "recall": weight[called & true].sum() / weight[true].sum(),
        "wrong": int((called & ~true).sum()),
    }


def measure(survey, n, n_test):
    """Train the models on one survey; return their scores in LAMOST's mix, asked in three ways."""
    spectra, further = (
        simulate_survey(m, seed, survey=survey) for m, seed in ((n, 1), (n_test, 900))
    )
    spectra.flux[:] = SpectrumPreprocessor().fit_transform(spectra.flux)
    result = {}
    for name in MODELS:
        every = spectra if has_faint(spectra.flux) else add_varied(name, spectra, seed=30)
        model = fit_prepared(name, every.flux, every.label, seed=30, objects=every.objid)
        proba, counts = model.predict_proba(further.flux), np.bincount(every.label)
        asked = {
            "as it is": proba,
            "mix of the training spectra": change_mix(proba, counts, LAMOST_COUNTS),
            "mix that the model has in mind": change_mix(
                proba, implied_mix(name, counts), LAMOST_COUNTS
            ),
        }
        result[name] = {way: score(further.label, p, LAMOST_COUNTS) for way, p in asked.items()}
    return result


def make_table(results):
    """Format the results as a Markdown table."""
    lines = [
        "| survey | model | probabilities | log loss | quasars: precision | recall |"
        " others called quasar |",
        "|---|---|---|---|---|---|---|",
    ]
    for survey, models in results["scores"].items():
        for name, ways in models.items():
            for way, s in ways.items():
                lines.append(
                    f"| {survey} | {name} | {way} | {s['log loss']:.4f} | {s['precision']:.2f} | "
                    f"{s['recall']:.2f} | {s['wrong']} |"
                )
    return "\n".join(lines)


def main(
    n: Annotated[int, typer.Option(help="Spectra to train on.")] = 5_000,
    n_test: Annotated[int, typer.Option(help="Spectra to test on.")] = 10_000,
    surveys: Annotated[str, typer.Option(help="Simulated surveys.")] = "published,deep",
):
    """Train, ask, write the JSON and print the table."""
    results = {"n": [n, n_test], "scores": {}}
    for survey in surveys.split(","):
        results["scores"][survey] = measure(survey, n, n_test)
        with replace_when_done(RESULTS) as part:
            part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(make_table(results))


if __name__ == "__main__":
    typer.run(main)
