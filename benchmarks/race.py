"""Like for like: our models and the published recipe's on several surveys, and on 100,000 spectra.

``python -m benchmarks.race`` trains each model and both votes on simulated surveys of several
seeds and sizes, with a training seed of its own each time, and asks all of them about 10,000
spectra of another seed, which no model ever saw: so the recipe's leak is of no use. Ours are
trained as `spectra classify` does. It writes ``benchmarks/race.json`` and prints two tables of
benchmarks/README.md: forest beside forest, network beside network, vote beside vote; and macro F1
against the number of training spectra. What is measured is kept unless ``--fresh``. About 10
minutes a survey of 10,000 on two cores, nine tenths of it the recipe's network, and half an hour
for 100,000. Beyond 10,000 the network of the recipe is left out: its 20 epochs would take more than
an hour.
"""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer
from tqdm import tqdm

from benchmarks.against_published import PUBLISHED_EPOCHS, RIVALS
from benchmarks.evidence_table import TITLES
from benchmarks.published import make_published, make_published_features
from spectra_helpers.evaluate import score_predictions
from spectra_helpers.files import replace_when_done
from spectra_helpers.models import vote
from spectra_helpers.preprocess import SpectrumPreprocessor
from spectra_helpers.simulate import VERSION, simulate_survey
from spectra_tools.command.classify import MODEL_TITLES, VOTE, VOTERS
from spectra_tools.command.train import fit_prepared, forget_memory, skip_preparing

RESULTS = Path(__file__).with_suffix(".json")
RACE_SIZE, RACE_SURVEYS = 10_000, 3
N_TEST, TEST_SEED = 10_000, 900
MOST_FOR_NETWORK = 10_000  # more would take the recipe's network more than an hour


def run_ours(spectra, further, seed):
    """Return the answers of our models and of their vote."""
    proba = {}
    with TemporaryDirectory() as memory:
        for name in MODEL_TITLES:
            model = fit_prepared(name, spectra.flux, spectra.label, seed, memory)
            proba[name] = skip_preparing(model).predict_proba(further.flux)
            forget_memory(model)
    proba[VOTE] = vote([proba[name] for name in VOTERS])
    return {name: p.argmax(axis=1) for name, p in proba.items()}


def run_recipe(spectra, further, seed):
    """Return the answers of the published models; with the network also what two of three say."""
    values, label, asked = make_published_features(spectra, seed=seed, more=further)
    called = {}
    for name in RIVALS if len(spectra) <= MOST_FOR_NETWORK else RIVALS[:2]:
        model = make_published(name, seed, values.shape[1])
        if name == "cnn":
            model.fit(values, label, batch_size=128, epochs=PUBLISHED_EPOCHS, verbose=0)
            called[name] = model.predict(asked, verbose=0).argmax(axis=1)
        else:
            called[name] = model.fit(values, label).predict(asked)
    if "cnn" in called:
        called[VOTE] = vote_by_majority(*(called[name] for name in RIVALS))
    return called


def vote_by_majority(forest, svm, cnn):
    """Return what two of three say, else what the network says: SVMs have no probabilities."""
    return np.where(forest == svm, forest, cnn)


def measure(n, seed):
    """Train both on a survey of `n` spectra; yield who, and the scores on spectra of another."""
    raw, further = simulate_survey(n, seed), simulate_survey(N_TEST, TEST_SEED)
    yield "ours", _score(run_ours(_prepare(raw), _prepare(further), seed), further.label)
    yield "recipe", _score(run_recipe(raw, further, seed), further.label)


def _prepare(spectra):
    return replace(spectra, flux=SpectrumPreprocessor().fit_transform(spectra.flux))


def _score(called, label):
    return {
        name: {
            "errors": int(np.sum(answer != label)),
            "macro F1": score_predictions(label, answer)["macro F1"],
        }
        for name, answer in called.items()
    }


def make_table(results):
    """Format what like does beside like, the mean ± the spread from survey to survey."""
    runs = results["runs"][str(RACE_SIZE)].values()
    lines = [
        f"| errors of {N_TEST:,} | ours | published recipe | ratio | lowest | highest |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, title in TITLES.items():
        ours = np.array([run["ours"][name]["errors"] for run in runs])
        if name not in next(iter(runs))["recipe"]:
            lines.append(f"| {title} | {_spread(ours, 0)} | | | | |")
            continue
        theirs = np.array([run["recipe"][name]["errors"] for run in runs])
        ratio = ours / theirs
        lines.append(
            f"| {title} | {_spread(ours, 0)} | {_spread(theirs, 0)} | {_spread(ratio, 2)} | "
            f"{ratio.min():.2f} | {ratio.max():.2f} |"
        )
    return "\n".join(lines)


def _spread(values, digits):
    return f"{np.mean(values):.{digits}f} ± {np.std(values, ddof=1):.{digits}f}"


def make_growth_table(results):
    """Format macro F1 against the number of training spectra, a column a size."""
    sizes = sorted(results["runs"], key=int)
    lines = [
        f"| macro F1 | {' | '.join(f'{int(n):,}' for n in sizes)} |",
        f"| --- |{' --- |' * len(sizes)}",
    ]
    for who in ("ours", "recipe"):
        for name, title in TITLES.items():
            cells = [_mean_score(results["runs"][n], who, name) for n in sizes]
            if any(cells):
                lines.append(f"| {title}, {who} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _mean_score(runs, who, name):
    scores = [run[who][name]["macro F1"] for run in runs.values() if name in run.get(who, ())]
    return f"{np.mean(scores):.3f}" if scores else ""


def main(
    sizes: Annotated[str, typer.Option(help="Training spectra.")] = "1000,3000,10000,30000,100000",
    fresh: Annotated[bool, typer.Option(help="Forget what the result file holds.")] = False,
):
    """Run all races that are not kept, and print both tables."""
    results = {"version": VERSION, "runs": {}}
    if RESULTS.exists() and not fresh:
        kept = json.loads(RESULTS.read_text("utf-8"))
        results = kept if kept["version"] == VERSION else results
    todo = [
        (n, 41 + k)
        for n in map(int, sizes.split(","))
        for k in range(RACE_SURVEYS if n <= RACE_SIZE else 1)
    ]
    for n, seed in tqdm(todo, "races"):
        runs = results["runs"].setdefault(str(n), {})
        if len(runs.get(str(seed), ())) == 2:
            continue
        for who, scores in measure(n, seed):
            runs.setdefault(str(seed), {})[who] = scores
            with replace_when_done(RESULTS) as part:
                part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(make_table(results), make_growth_table(results), sep="\n\n")


if __name__ == "__main__":
    typer.run(main)
