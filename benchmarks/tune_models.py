"""Which settings of the forest and the SVM? Nested cross-validation, once.

An inner loop of three folds chooses a setting, an outer loop of five scores the choice on spectra
that had no part in it (lesson 05). Beside it stands the setting that the package has, on the same
outer folds. The survey is one of another seed than those of all tables, so that no number of them
was tuned to.

Every spectrum is of an object of its own, so that folds of rows are folds of objects.
Run it with ``python -m benchmarks.tune_models``; it prints a table and writes
``benchmarks/tune_models.json``. About 5 minutes on two cores.
"""

import json
import tempfile
from inspect import signature
from pathlib import Path

import numpy as np
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from tqdm import tqdm

from spectra_helpers.files import replace_when_done
from spectra_helpers.models import build_model
from spectra_helpers.preprocess import SpectrumPreprocessor
from spectra_helpers.simulate import simulate_survey
from spectra_tools.command.train import skip_preparing

RESULTS = Path(__file__).with_suffix(".json")
SEED = 7
N_SPECTRA = 2000
# Arguments of `make_forest` and `make_svm`, and the steps of their pipelines they belong to
GRIDS = {
    "forest": {"n_components": [20, 40], "max_features": [0.2, 0.4, 0.8]},
    "svm": {"n_components": [60], "C": [3.0, 10.0, 30.0], "gamma": [0.25, 0.5, 1.0]},
}
STEPS = {
    "n_components": "features__components__n_components",
    "max_features": "forest__max_features",
    "C": "svm__estimator__C",
    "gamma": "svm__estimator__gamma",
}


def package_setting(name):
    """Return the setting that `build_model` has, of those in the grid."""
    from spectra_helpers.models import make_forest, make_svm

    defaults = signature({"forest": make_forest, "svm": make_svm}[name]).parameters
    return {argument: defaults[argument].default for argument in GRIDS[name]}


def tune(name, flux, label):
    """Nested cross-validation of one model; returns what the JSON holds of it."""
    outer = StratifiedKFold(5, shuffle=True, random_state=SEED)
    inner = StratifiedKFold(3, shuffle=True, random_state=SEED + 1)
    grid = {STEPS[argument]: values for argument, values in GRIDS[name].items()}
    nested, chosen = [], []
    with tempfile.TemporaryDirectory() as memory:
        model = skip_preparing(build_model(name)).set_params(memory=memory)
        for train, test in tqdm(list(outer.split(flux, label)), name):
            search = GridSearchCV(model, grid, scoring="f1_macro", cv=inner)
            search.fit(flux[train], label[train])
            nested.append(search.score(flux[test], label[test]))
            best = search.best_params_
            chosen.append({argument: best[STEPS[argument]] for argument in GRIDS[name]})
    ours = skip_preparing(build_model(name))
    package = cross_val_score(ours, flux, label, scoring="f1_macro", cv=outer)
    difference = np.subtract(nested, package)
    return {
        "grid": GRIDS[name],
        "chosen": chosen,
        "nested macro F1": [float(np.mean(nested)), float(np.std(nested, ddof=1))],
        "package": package_setting(name),
        "package macro F1": [float(np.mean(package)), float(np.std(package, ddof=1))],
        "difference": [float(difference.mean()), float(difference.std(ddof=1))],
    }


def make_table(results):
    """Format the results as a Markdown table; after ± the spread over the five outer folds."""
    rows = [
        "| | chosen inside each fold | the package's setting | difference |",
        "|---|---|---|---|",
    ]
    for name, result in results["models"].items():
        keys = ("nested macro F1", "package macro F1", "difference")
        cells = " | ".join("{:.3f} ± {:.3f}".format(*result[key]) for key in keys)
        rows.append(f"| {name}, macro F1 | {cells} |")
    return "\n".join(rows)


def main():
    """Tune both models, write the JSON and print the table."""
    spectra = simulate_survey(N_SPECTRA, seed=SEED)
    flux = SpectrumPreprocessor().fit_transform(spectra.flux)
    results = {
        "spectra": str(spectra),
        "models": {name: tune(name, flux, spectra.label) for name in GRIDS},
    }
    with replace_when_done(RESULTS) as part:
        part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(make_table(results))


if __name__ == "__main__":
    main()
