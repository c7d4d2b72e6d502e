"""The exercises of lessons 05 to 07."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from spectra_helpers.data import CLASSES, WAVELENGTH
from spectra_helpers.evaluate import catch_strange, compute_coverage, rank_suspects
from spectra_helpers.lessons.exercises.exercise import Exercise
from spectra_helpers.lines import SKY_LINES

QUASAR = CLASSES.index("quasar")
ONE_IN = 1000  # spectra of a survey, among which one is of the kind never seen
OTHER_SKY = np.array([0.20, 0.01, 0.79])  # galaxies, quasars, stars


def scaler(features, label, test_features, test_label):
    """Lesson 05: accuracy of a forest without and with a scaler."""
    forest = RandomForestClassifier(30, random_state=30).fit(features, label)
    behind = make_pipeline(StandardScaler(), RandomForestClassifier(30, random_state=30))
    behind.fit(features, label)
    right = [forest.score(test_features, test_label), behind.score(test_features, test_label)]
    training = [forest.score(features, label), behind.score(features, label)]
    return Exercise(
        right,
        0.01,
        [
            (
                training,
                "These are scores on the training spectra. What do they say about new ones?",
            ),
        ],
        "Are both forests trained on the same features, with 30 trees and random_state=30?",
    )


def _require_threshold(good, goal):
    if not len(good):
        raise ValueError(
            f"On these spectra no threshold {goal}: take the simulated survey for this exercise "
            "(without SPECTRA_DATA)."
        )


def threshold(label, votes, test_label, test_votes):
    """Lesson 05: the smallest threshold with a precision of 0.95 for quasars, out of bag."""
    steps = np.arange(0.3, 0.95, 0.01)

    def list_good(truth, probability, divide_by_found):
        found = probability[:, QUASAR] >= steps[:, None]
        hits = (found & (truth == QUASAR)).sum(axis=1)
        total = found.sum(axis=1) if divide_by_found else (truth == QUASAR).sum()
        return steps[hits >= 0.95 * np.maximum(total, 1)]

    def first(good, place=0):
        return good[place] if len(good) else np.nan

    good = list_good(label, votes, True)
    _require_threshold(good, "from 0.30 to 0.94 has a precision of 0.95 out of bag")
    return Exercise(
        good[0],
        0.005,
        [
            (
                first(list_good(test_label, test_votes, True)),
                "Chosen on the test spectra! Where else?",
            ),
            (first(good, -1), "This is the largest. How many quasars does it leave on the list?"),
            (first(list_good(label, votes, False), -1), "This keeps the recall at 0.95."),
        ],
        "Go through the thresholds from below; stop at the first with precision 0.95.",
    )


def weights(layer):
    """Lesson 06: the number of weights of a convolution layer."""
    steps, channels = layer.kernel_size[0], layer.input.shape[2]
    product = steps * channels * layer.filters
    return Exercise(
        product + layer.filters,
        0,
        [
            (product, "Each filter has one number more."),
            (product + 1, "Each filter has a bias of its own."),
            (steps * channels + 1, "This is one filter. How many are there?"),
            ((steps + 1) * layer.filters, "A kernel has weights for every channel that comes in."),
            (
                (product + layer.filters) * layer.input.shape[1],
                "A kernel uses the same weights at every place of the spectrum.",
            ),
        ],
        "Steps, channels, filters, and a bias for each filter: how do they go together?",
    )


def calcium(model, stars):
    """Lesson 06: the part of stars whose class changes when the calcium triplet is hidden."""
    inside = np.flatnonzero((WAVELENGTH > 8470) & (WAVELENGTH < 8700))
    left = stars.flux[:, inside[0] - 10 : inside[0]].mean(axis=1)
    red = stars.flux[:, inside[-1] + 1 : inside[-1] + 11].mean(axis=1)
    hidden = stars.flux.copy()
    hidden[:, inside] = np.linspace(left, red, len(inside), axis=1)
    changed = model.predict(hidden) != model.predict(stars.flux)
    return Exercise(
        changed.mean(),
        0.006,
        [
            (1 - changed.mean(), "This is the part that stays."),
            (changed.sum(), "This is a number of stars. Which part of all of them?"),
        ],
        "Compare two predictions of the same stars: with the lines, and with the straight line.",
    )


def hans(flux):
    """Lesson 06: spectra with zeros less than 10 Å from a line of the sky."""
    away = WAVELENGTH - np.array(SKY_LINES)[:, None]  # a row a line
    hidden = np.abs(away) < 10

    def hide(pixels):
        return np.where(pixels, 0, flux)

    return Exercise(
        hide(hidden.any(axis=0)),
        0,
        [
            (flux, "Nothing is hidden. Does your function give back what it has changed?"),
            (hide(hidden[0]), "One line is hidden. How many does SKY_LINES hold?"),
            (hide(hidden.all(axis=0)), "No pixel is near *all* of the lines. Near any of them?"),
            (hide(~hidden.any(axis=0)), "You kept the lines of the sky and hid the rest."),
            (hide((away < 10).any(axis=0)), "What about far to the blue? A distance has no sign."),
            (hide((away > -10).any(axis=0)), "What about far to the red? A distance has no sign."),
            (
                hide((np.abs(away) < 10 * 1.7).any(axis=0)),
                "Too wide: are these 10 Å, or 10 pixels of 1.7 Å?",
            ),
            (
                hide((np.abs(away) < 5).any(axis=0)),
                "Too narrow: less than 10 Å to *each* side of a line.",
            ),
        ],
        "For each pixel: is its wavelength less than 10 Å from one of SKY_LINES? There 0, else the "
        "flux.",
    )


def promise(label, probability):
    """Lesson 07: the threshold that keeps 99 % of the answers right, with most answers."""
    _, accuracy, level = compute_coverage(label, probability)
    good = level[accuracy >= 0.99]
    _require_threshold(good, "keeps the promise")
    return Exercise(
        good.min(),
        5e-4,
        [
            (
                good.max(),
                "This keeps the promise with the fewest answers. With how many could you?",
            ),
            (0.99, "The promise is about many answers, the threshold about one. Measure it."),
            (level.min(), "This answers everything. How many of the answers are right?"),
        ],
        "Where is the accuracy at least 0.99, and which of these thresholds is the smallest?",
    )


def another_sky(matrix):
    """Lesson 07: the precision for quasars where only one object in a hundred is one."""
    parts = OTHER_SKY[:, None] * matrix
    return Exercise(
        parts[QUASAR, QUASAR] / parts[:, QUASAR].sum(),
        0.003,
        [
            (matrix[QUASAR, QUASAR], "This is the recall: it does not ask how rare quasars are."),
            (
                matrix[QUASAR, QUASAR] / matrix[:, QUASAR].sum(),
                "As if the three classes were equally frequent. Where do the shares come in?",
            ),
            (parts[QUASAR, QUASAR], "A part of all objects. Which part of those *called* quasar?"),
        ],
        "Multiply each row by the share of its class; then look at the column of quasars.",
    )


def suspects(given, proba, label):
    """Lesson 07: how many spectra to look at until nine in ten wrong labels are found."""
    wrong = np.asarray(given) != np.asarray(label)
    goal = 0.9 * wrong.sum()

    def look(order):
        return np.searchsorted(np.cumsum(wrong[order]), goal) + 1

    ranked = rank_suspects(given, proba)
    return Exercise(
        look(ranked),
        1.5,
        [
            (look(ranked[::-1]), "This begins with the labels that are most easily believed."),
            (look(proba.max(axis=1).argsort(kind="stable")), "This asks how sure the model is. "
             "What does it say of the label that the catalogue gives?"),
            (np.ceil(goal), "So many are to be found. How many must be looked at until they are?"),
            (0.9 * len(wrong), "So many it takes in any order. In the order of suspicion?"),
            (wrong.sum(), "So many labels are wrong. Are they the first ones in your order?"),
        ],
        "Put `wrong` in the order of suspicion and add it up: where does the sum reach the goal?",
    )  # fmt: skip


def alarm(known, strange):
    """Lesson 07: which part of the spectra that ring an alarm are of the rare kind."""
    false_alarms, found = catch_strange(known, strange, 0.05)
    caught, rings = found / ONE_IN, false_alarms * (1 - 1 / ONE_IN)
    here = found * len(strange) / (found * len(strange) + false_alarms * len(known))
    return Exercise(
        caught / (caught + rings),
        5e-4,
        [
            (found, "This part of the CVs rings the alarm. Which part of the alarms are CVs?"),
            (here, "As on our test spectra, where CVs are frequent. How rare are they there?"),
            (found / (found + false_alarms), "As if half of all spectra were CVs."),
            (caught, "A part of all spectra. Which part of those that ring?"),
            (1 / ONE_IN, "So many are CVs before any alarm rings. And among those that ring?"),
            (rings / (caught + rings), "This part of the alarms is for nothing."),
        ],
        "Think of a million spectra: how many CVs ring, and how many of the others?",
    )


EXERCISES = {
    function.__name__: function
    for function in (
        scaler,
        threshold,
        weights,
        calcium,
        hans,
        promise,
        another_sky,
        suspects,
        alarm,
    )
}
