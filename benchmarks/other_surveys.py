"""How much of a score is luck? The models of `spectra classify` on five other simulated surveys.

``python -m benchmarks.other_surveys`` simulates 10,000 spectra of five seeds that nothing was tuned
on, trains on four fifths of each and scores the held-out fifth; it prints a table of
benchmarks/README.md and
writes ``benchmarks/other_surveys.json``. About 15 minutes on two cores; a survey that the file
holds already is kept, ``--fresh`` starts anew.
"""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from tqdm import tqdm

from benchmarks.against_published import run_our_job
from benchmarks.evidence_table import TITLES
from spectra_helpers.data import split_rows
from spectra_helpers.evaluate import score_predictions
from spectra_helpers.files import read_spectra, replace_when_done
from spectra_helpers.simulate import VERSION, simulate_to_file

RESULT = Path(__file__).with_suffix(".json")
SEEDS = (21, 22, 23, 24, 25)
N_SPECTRA = 10_000


def score_survey(seed, folder):
    """Train on four fifths of a survey; return errors and macro F1 of each model on the rest."""
    path = Path(folder) / f"survey_{seed}.fits"
    simulate_to_file(path, N_SPECTRA, seed)
    spectra = read_spectra(path)
    train, test = split_rows(spectra.label)
    predicted, _, _ = run_our_job(path, train, test, more=spectra[test])
    path.unlink()
    label = spectra.label[test]
    return {
        name: {
            "errors": int((answer != label).sum()),
            "macro F1": score_predictions(label, answer)["macro F1"],
        }
        for name, (answer, _) in predicted.items()
    }


def make_table(results):
    """Format the results as a Markdown table; after ± the spread from survey to survey."""
    surveys = results["surveys"].values()
    lines = [
        f"| | macro F1 | lowest | highest | errors of {len(surveys) * results['test spectra']:,} |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, title in TITLES.items():
        score = np.array([survey[name]["macro F1"] for survey in surveys])
        errors = sum(survey[name]["errors"] for survey in surveys)
        lines.append(
            f"| {title} | {score.mean():.3f} ± {score.std(ddof=1):.3f} | {score.min():.3f} "
            f"| {score.max():.3f} | {errors} |"
        )
    return "\n".join(lines)


def main(
    fresh: Annotated[bool, typer.Option(help="Forget what the result file holds.")] = False,
):
    """Score all surveys, keep each result as soon as it is there, and print the table."""
    results = {"version": VERSION, "test spectra": N_SPECTRA // 5, "surveys": {}}
    if RESULT.exists() and not fresh:
        kept = json.loads(RESULT.read_text("utf-8"))
        results = kept if kept["version"] == VERSION else results
    todo = [seed for seed in SEEDS if str(seed) not in results["surveys"]]
    with tempfile.TemporaryDirectory() as folder:
        for seed in tqdm(todo, "surveys"):
            results["surveys"][str(seed)] = score_survey(seed, folder)
            with replace_when_done(RESULT) as part:
                part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(make_table(results))


if __name__ == "__main__":
    typer.run(main)
