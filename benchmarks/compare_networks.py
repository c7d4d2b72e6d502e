"""Train small networks several times: batch norm or dropout, order or disorder (lesson 06).

``python benchmarks/compare_networks.py`` writes
``spectra_helpers/lessons/stored/compare_networks.json``,
which lesson 06 reads: numbers only. It takes about ten minutes of CPU time; runs that the file
holds already are kept, so that it can be stopped and started again. ``--fresh`` starts anew, as
after a change of the network or of the simulation.
"""

import argparse
import json
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from sklearn.decomposition import PCA

from benchmarks.published import build_published_network
from spectra_helpers import simulate
from spectra_helpers.data import sample_rows, split_train_test
from spectra_helpers.evaluate import score_predictions
from spectra_helpers.files import replace_when_done
from spectra_helpers.lessons import load_lesson_data, stored_file
from spectra_helpers.models import SpectrumNetwork
from spectra_helpers.preprocess import SpectrumPreprocessor

RESULT = stored_file("compare_networks.json")
SEEDS = (1, 2, 3)
N_TRAIN, EPOCHS = 1000, 10
SETTINGS = {
    "batch norm": {"norm": "batch"},
    "neither": {"norm": None},
    "dropout 0.1": {"norm": "dropout", "dropout_rate": 0.1},
    "dropout 0.3": {"norm": "dropout", "dropout_rate": 0.3},
    "dropout 0.5": {"norm": "dropout", "dropout_rate": 0.5},
}
# What convolutions can do by themselves: three branches, and none that sums up the whole spectrum
CONVOLUTIONS_ONLY = {"augment": False, "summary": 0, "kernel_sizes": (3, 7, 15)}
SHUFFLED = "pixels shuffled"
PUBLISHED = "published design, PCA scores"


def prepare_data():
    """Return prepared flux and labels of 1,000 training spectra and of the test spectra."""
    train, test = split_train_test(load_lesson_data("lesson"))
    train = train[sample_rows(train.label, N_TRAIN)]
    prepare = SpectrumPreprocessor().fit(train.flux)
    return prepare.transform(train.flux), train.label, prepare.transform(test.flux), test.label


def train_ours(data, setting, seed):
    """Train our network; return its predictions of the test spectra and its number of weights."""
    X, y, X_test, _ = data
    if setting == SHUFFLED:
        order = np.random.default_rng(0).permutation(X.shape[1])
        X, X_test = X[:, order], X_test[:, order]
    options = {**CONVOLUTIONS_ONLY, **SETTINGS.get(setting, SETTINGS["batch norm"])}
    model = SpectrumNetwork(epochs=EPOCHS, patience=EPOCHS, network=options, seed=seed)
    return model.fit(X, y).predict(X_test), model.model_.count_params()


def train_published(data, seed):
    """Do the same with a small network of the published design, on principal components.

    It has two of the eight branches and half the filters, which makes it ten times faster. The
    scores are divided by one number, their standard deviation: Keras's batch norm begins with a
    variance of 1 and forgets it in a thousand steps, which this short training does not have.
    """
    X, y, X_test, _ = data
    pca = PCA(500, svd_solver="randomized", random_state=seed).fit(X)
    scores, scores_test = pca.transform(X), pca.transform(X_test)
    scale = scores.std()
    keras.utils.set_random_seed(seed)
    network = build_published_network(500, kernel_sizes=(3, 9), filters=16)
    network.fit(scores / scale, y, batch_size=32, epochs=EPOCHS, verbose=0)
    proba = network.predict(scores_test / scale, batch_size=128, verbose=0)
    return proba.argmax(axis=1), network.count_params()


def run_once(data, setting, seed):
    """Train one network and return its scores on the test spectra."""
    keras.backend.clear_session()
    start = time.process_time()
    ours = setting != PUBLISHED
    called, weights = train_ours(data, setting, seed) if ours else train_published(data, seed)
    seconds = time.process_time() - start
    scores = score_predictions(data[3], called)
    return {
        "setting": setting,
        "seed": seed,
        "accuracy": round(scores["accuracy"], 4),
        "macro F1": round(scores["macro F1"], 4),
        "weights": weights,
        "CPU seconds": round(seconds, 1),
    }


def main():
    """Run what is missing and write the file after each run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fresh", action="store_true", help="forget earlier runs")
    fresh = parser.parse_args().fresh
    about = {
        "command": "python benchmarks/compare_networks.py",
        "data": f"simulated survey, tier lesson, version {simulate.VERSION}",
        "training spectra": N_TRAIN,
        "epochs": EPOCHS,
    }
    runs = [] if fresh or not RESULT.exists() else json.loads(RESULT.read_text())["runs"]
    done = {(run["setting"], run["seed"]) for run in runs}
    data = prepare_data()
    for seed in SEEDS:
        for setting in (*SETTINGS, SHUFFLED, PUBLISHED):
            if (setting, seed) in done:
                continue
            runs.append(run_once(data, setting, seed))
            print(runs[-1], flush=True)
            with replace_when_done(RESULT) as part:
                part.write_text(json.dumps({**about, "runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
