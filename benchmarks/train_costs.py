"""How long do `spectra train` and `spectra predict` take on 100,000 spectra, with what memory?

``python -m benchmarks.train_costs`` simulates ten files of 10,000 spectra, trains each model on all
of them and predicts all of them, prints a table of benchmarks/README.md and writes
``benchmarks/train_costs.json``. About 20 minutes on two cores, and 3 GB of disk.
"""

import json
import tempfile
from pathlib import Path
from subprocess import DEVNULL

from tqdm import tqdm

from benchmarks.costs import N_BIG, simulate_files
from benchmarks.evidence_table import TITLES
from benchmarks.simulate_time import run_spectra
from spectra_helpers.files import replace_when_done
from spectra_helpers.models import MODELS

RESULT = Path(__file__).with_suffix(".json")
COMMANDS = ("train", "predict")


def measure_model(name, paths, folder):
    """Return seconds and peak memory (GB) of both commands, each in a process of its own."""
    files, quiet = list(map(str, paths)), {"stdout": DEVNULL, "stderr": DEVNULL}
    model, table = str(folder / f"{name}.model"), str(folder / "table.csv")
    train = run_spectra(["train", *files, "--model", name, "-o", model], **quiet)
    predict = run_spectra(["predict", model, *files, "-o", table, "--force"], **quiet)
    return {"train": train, "predict": predict}


def make_table(results):
    """Format the results as a Markdown table."""
    lines = [f"| {N_BIG:,} spectra | `spectra train` | `spectra predict` |", "| --- | --- | --- |"]
    for name, measured in results.items():
        cells = ["{:.0f} s, {:.1f} GB".format(*measured[command]) for command in COMMANDS]
        lines.append(f"| {TITLES[name]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    """Measure all models, write the results and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        paths = simulate_files(folder)
        results = {name: measure_model(name, paths, folder) for name in tqdm(MODELS, "models")}
    with replace_when_done(RESULT) as part:
        part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(make_table(results))


if __name__ == "__main__":
    main()
