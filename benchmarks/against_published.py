"""Ours beside the published recipe: error, time, memory; one command, one run, same machine.

``python -m benchmarks.against_published`` simulates 10,000 spectra, runs the published recipe and
`spectra classify`'s job on the same split, side by side, prints a table of
benchmarks/README.md and writes
``benchmarks/against_published.json``. All models are then asked about 10,000 further spectra of the
same survey: few errors in 2,000 are a matter of luck. About 30 minutes on two cores; ``--big`` adds
100,000 spectra in ten files (half an hour and 3 GB of disk more). ``--data FILE`` takes another
training file, ``--more FILE`` further spectra.
"""

import json
import platform
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Annotated

import numpy as np
import typer

from benchmarks.costs import N_FILE, measure_growth, measure_preparing, measure_speed
from benchmarks.evidence_table import make_table
from benchmarks.published import make_published, make_published_features
from spectra_helpers.data import split_rows
from spectra_helpers.evaluate import (
    bootstrap_intervals,
    compare_paired,
    degrade_to_snr,
    score_predictions,
)
from spectra_helpers.files import open_spectra, read_spectra, replace_when_done
from spectra_helpers.models import vote
from spectra_helpers.simulate import simulate_to_file
from spectra_tools.command.classify import MODEL_TITLES, VOTE, VOTERS
from spectra_tools.command.train import (
    fit_prepared,
    forget_memory,
    read_prepared,
    skip_preparing,
)

RESULT = Path(__file__).with_suffix(".json")
RIVALS = ("forest", "svm", "cnn")  # the models of the published recipe
PUBLISHED_EPOCHS = 20


def run_published_job(path, train, test, more, epochs=PUBLISHED_EPOCHS):
    """Load, make features of all spectra and their copies, train on `train` and the copies, score.

    The leak is the published one: components and copies are made of all spectra. Only the split is
    ours, so that both recipes are tested on the same spectra.
    """
    start = perf_counter()
    spectra = read_spectra(path)
    values, label, further = make_published_features(spectra, more=more)
    train = np.append(train, np.arange(len(spectra), len(values)))
    seconds, predicted = {"load and features": perf_counter() - start}, {}
    for name in RIVALS:
        begin = perf_counter()
        model = make_published(name, n_features=values.shape[1])
        ask = model.predict
        if name == "cnn":
            model.fit(values[train], label[train], batch_size=128, epochs=epochs, verbose=0)
            ask = partial(_ask_network, model)
        else:
            model.fit(values[train], label[train])
        predicted[name] = [ask(values[test])]
        seconds[name] = perf_counter() - begin
        predicted[name].append(ask(further))
    return predicted, seconds


def _ask_network(model, values):
    return model.predict(values, verbose=0).argmax(axis=1)


def run_our_job(path, train, test, more):
    """Load, prepare, train the models of `spectra classify`, predict and let them vote."""
    start = perf_counter()
    spectra = read_prepared(open_spectra(path))
    seconds, proba, models = {"load and features": perf_counter() - start}, {}, {}
    with tempfile.TemporaryDirectory() as memory:
        for name in MODEL_TITLES:
            begin = perf_counter()
            flux, label = spectra.flux[train], spectra.label[train]
            models[name] = fit_prepared(name, flux, label, seed=30, memory=memory)
            proba[name] = [skip_preparing(models[name]).predict_proba(spectra.flux[test])]
            seconds[name] = perf_counter() - begin
            proba[name].append(models[name].predict_proba(more.flux))
            forget_memory(models[name])
    proba[VOTE] = [vote(parts) for parts in zip(*(proba[name] for name in VOTERS), strict=True)]
    predicted = {name: [p.argmax(axis=1) for p in parts] for name, parts in proba.items()}
    return predicted, seconds, models


def summarize(label, predicted):
    """Return accuracy and macro F1 of each model, with intervals."""
    table = {}
    for name, answer in predicted.items():
        scores, intervals = score_predictions(label, answer), bootstrap_intervals(label, answer)
        table[name] = {m: [scores[m], *intervals[m]] for m in ("accuracy", "macro F1")}
    return table


def compare_at_snr(models, spectra, test, snr=5):
    """Accuracy of the network minus that of template matching on degraded test spectra."""
    flux, label = degrade_to_snr(spectra.flux[test], snr, 0), spectra.label[test]
    network, templates = (models[name].predict(flux) for name in ("cnn", "templates"))
    found = compare_paired(label, network, templates)
    return {
        "network": score_predictions(label, network)["accuracy"],
        "templates": score_predictions(label, templates)["accuracy"],
        "difference": found["difference"],
        "interval": list(found["interval"]),
    }


def count_errors(label, ours, published, n=2000, seed=0):
    """Return the errors of each model, and those of our best over those of the best published.

    The interval of the ratio comes from drawing the spectra anew, the same for both models.
    """
    wrong = {
        who: {name: answer != label for name, answer in predicted.items()}
        for who, predicted in (("ours", ours), ("published", published))
    }
    best = np.array([min(models.values(), key=np.sum) for models in wrong.values()], float)
    rows = np.random.default_rng(seed).multinomial(len(label), [1 / len(label)] * len(label), n)
    first, second = best @ rows.T
    return {
        "spectra": len(label),
        "errors": {
            who: {name: int(one.sum()) for name, one in models.items()}
            for who, models in wrong.items()
        },
        "ratio": best[0].sum() / best[1].sum(),
        "interval": np.quantile(first / np.maximum(second, 1), (0.025, 0.975)).tolist(),
    }


def measure(path, more):
    """Run both recipes on one file; return the results as JSON can hold them.

    Both need TensorFlow: it is imported before the clock starts, so that who begins pays nothing.
    """
    import_module("tensorflow")
    spectra, more = read_spectra(path), read_spectra(more)
    train, test = split_rows(spectra.label)
    ours, our_seconds, models = run_our_job(path, train, test, more)
    published, published_seconds = run_published_job(path, train, test, more)
    for seconds in (our_seconds, published_seconds):
        seconds["whole job"] = sum(seconds.values())
    tests = {"held-out fifth": spectra.label[test], "further spectra": more.label}
    answers = [
        [{name: parts[i] for name, parts in who.items()} for who in (ours, published)]
        for i in range(len(tests))
    ]
    scores = [summarize(spectra.label[test], predicted) for predicted in answers[0]]
    history = models["cnn"][-1].history_
    return {
        "spectra": str(spectra),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "scores": dict(zip(("ours", "published"), scores, strict=True)),
        "errors": {
            name: count_errors(label, *pair)
            for (name, label), pair in zip(tests.items(), answers, strict=True)
        },
        "seconds": {"ours": our_seconds, "published": published_seconds},
        "epochs": {
            "ours": models["cnn"][-1].members * len(history["loss"]),
            "published": PUBLISHED_EPOCHS,
        },
        "ratios": {
            "time of the whole job": our_seconds["whole job"] / published_seconds["whole job"],
            "the same without template matching": (
                (our_seconds["whole job"] - our_seconds["templates"])
                / published_seconds["whole job"]
            ),
            "training time of the network": our_seconds["cnn"] / published_seconds["cnn"],
            "preparing over reading and copying": measure_preparing(path),
        },
        "predicted a second by the network": measure_speed(models["cnn"], spectra.flux),
        "SNR 5": compare_at_snr(models, spectra, test),
    }


def _keep(results):
    with replace_when_done(RESULT) as part:
        part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def main(
    data: Annotated[Path | None, typer.Option(help="Training file; simulated if left out.")] = None,
    more: Annotated[Path | None, typer.Option(help="Further spectra, to test on only.")] = None,
    big: Annotated[bool, typer.Option(help="Also 100,000 spectra in ten files.")] = False,
    n: Annotated[int, typer.Option(help="Simulated spectra.")] = 10_000,
):
    """Measure ours beside the published recipe."""
    with tempfile.TemporaryDirectory() as folder:
        if (data is None) != (more is None):
            raise typer.BadParameter("give both --data and --more, or neither")
        path, further = data or Path(folder) / "one.fits", more or Path(folder) / "two.fits"
        if data is None:
            simulate_to_file(path, n, seed=1, progress=True)
            simulate_to_file(further, N_FILE, seed=1, first_row=n, progress=True)
        results = measure(path, further)
        _keep(results)
        if big:
            results["growth"] = measure_growth(Path(folder))
            _keep(results)
    print(make_table(results))


if __name__ == "__main__":
    typer.run(main)
