"""Score predictions, with intervals, and compare models on the same spectra (lessons 05 and 07)."""

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score, log_loss

from spectra_helpers.data import CLASSES
from spectra_helpers.evaluate.calibration import expected_calibration_error

METRICS = ("accuracy", "balanced accuracy", "macro F1")
N = len(CLASSES)


def _check_labels(*labels):
    labels = [np.asarray(values) for values in labels]
    shapes = {values.shape for values in labels}
    if len(shapes) > 1 or labels[0].ndim != 1 or not len(labels[0]):
        raise ValueError(
            f"Labels have shapes {sorted(shapes)}: give one true and one predicted label for each "
            "spectrum, at least one spectrum."
        )
    for values in labels:
        strange = values[~np.isin(values, np.arange(N))]
        if len(strange):
            raise ValueError(
                f"Label {strange[0]} is no class: use 0 galaxy, 1 quasar, 2 star, and leave out "
                "spectra whose class is not known."
            )
    return [values.astype(np.int64) for values in labels]


def _count_cells(*labels):
    """Count how often each combination of labels occurs, shape (3, 3, ...)."""
    cell = np.ravel_multi_index(labels, (N,) * len(labels))
    return np.bincount(cell, minlength=N ** len(labels)).reshape((N,) * len(labels))


def _score_counts(counts):
    """Scores of confusion counts, shape (..., 3, 3); a class that is absent counts in no mean."""
    counts = np.asarray(counts, dtype=float)
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    true, called = counts.sum(axis=-1), counts.sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, precision, f1 = right / true, right / called, 2 * right / (true + called)

    def mean(values):
        known = np.isfinite(values)
        return np.where(known, values, 0).sum(axis=-1) / known.sum(axis=-1)

    return {
        "accuracy": right.sum(axis=-1) / counts.sum(axis=(-2, -1)),
        "balanced accuracy": mean(recall),
        "macro F1": mean(f1),
        "precision": np.nan_to_num(precision),
        "recall": np.nan_to_num(recall),
        "F1": np.nan_to_num(f1),
    }


def score_predictions(y, pred, proba=None):
    """Score predicted classes.

    Parameters
    ----------
    y, pred : array of int, shape (n_spectra,)
        True and predicted labels.
    proba : array, shape (n_spectra, 3), optional
        Probabilities; adds their log loss and expected calibration error.

    Returns
    -------
    dict
        ``"accuracy"``, ``"balanced accuracy"`` (mean recall), ``"macro F1"`` as floats;
        ``"precision"``, ``"recall"``, ``"F1"`` as dicts from class name to float (0 where a class
        was never predicted); ``"log loss"`` and ``"calibration error"`` if `proba` is given.

    Raises
    ------
    ValueError
        Labels of different length, none at all, or outside 0 to 2.

    Notes
    -----
    Taught in lesson 05: with classes of 34, 10 and 56 % accuracy alone hides the quasars.
    """
    y, pred = _check_labels(y, pred)
    scores = _score_counts(_count_cells(y, pred))
    result = {name: float(scores[name]) for name in METRICS}
    for name in ("precision", "recall", "F1"):
        result[name] = dict(zip(CLASSES, scores[name].tolist(), strict=True))
    if proba is not None:
        result["log loss"] = float(log_loss(y, proba, labels=np.arange(N)))
        result["calibration error"] = expected_calibration_error(y, proba)
    return result


def confusion(y, pred, normalize=True):
    """Return the confusion matrix: rows are true classes, columns predicted ones.

    Parameters
    ----------
    y, pred : array of int, shape (n_spectra,)
    normalize : bool
        Divide each row by its sum (the published figure); False counts.

    Returns
    -------
    ndarray, shape (3, 3)
        The row of a class without spectra is zero.
    """
    counts = _count_cells(*_check_labels(y, pred))
    if not normalize:
        return counts
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _resample(counts, n, seed):
    """Draw spectra with replacement: only how often each cell is drawn matters."""
    total = counts.sum()
    drawn = np.random.default_rng(seed).multinomial(int(total), counts.ravel() / total, size=n)
    return drawn.reshape((n, *counts.shape))


def _take_interval(values, level):
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap_intervals(y, pred, n=1000, seed=0, level=0.95):
    """Return intervals of the scores by resampling the test spectra.

    Parameters
    ----------
    y, pred : array of int, shape (n_spectra,)
    n : int
        Number of resamples.
    seed : int
    level : float
        Part of the resamples inside the interval.

    Returns
    -------
    dict
        (low, high) for ``"accuracy"``, ``"balanced accuracy"`` and ``"macro F1"``.

    Notes
    -----
    Says how much the score would change with other test spectra, not with another training. Where
    all answers are right (or all wrong) there is nothing to draw from: one more spectrum is then
    spread over the nine cells. With fewer than about five test spectra of a class the interval of
    the macro F1 means little. Drawing
    spectra with replacement makes the nine counts of the confusion matrix multinomial, so that
    no spectrum is copied (Efron and Tibshirani 1993). Taught in lesson 07.
    """
    counts = _count_cells(*_check_labels(y, pred))
    if np.trace(counts) in (0, counts.sum()):
        counts = counts + 1 / counts.size
    scores = _score_counts(_resample(counts, n, seed))
    return {name: _take_interval(scores[name], level) for name in METRICS}


def compare_paired(y, first, second, metric="accuracy", n=1000, seed=0, level=0.95):
    """Compare two models on the same spectra.

    Parameters
    ----------
    y, first, second : array of int, shape (n_spectra,)
        True labels and those predicted by each model.
    metric : {"accuracy", "balanced accuracy", "macro F1"}
    n, seed, level
        As in `bootstrap_intervals`.

    Returns
    -------
    dict
        ``"difference"`` first minus second; ``"interval"`` (low, high), by resampling pairs;
        ``"only first right"`` and ``"only second right"``, counts; ``"p"``, McNemar's exact test
        of whether these two differ by chance.

    Raises
    ------
    ValueError
        An unknown metric, or labels as in `score_predictions`.
    """
    if metric not in METRICS:
        raise ValueError(f"Unknown metric {metric!r}. Choose one of: {', '.join(METRICS)}.")
    y, first, second = _check_labels(y, first, second)
    counts = _count_cells(y, first, second)

    def subtract(cells):
        return _score_counts(cells.sum(-1))[metric] - _score_counts(cells.sum(-2))[metric]

    only_first = int(np.sum((first == y) & (second != y)))
    only_second = int(np.sum((first != y) & (second == y)))
    disagree = only_first + only_second
    return {
        "difference": float(subtract(counts)),
        "interval": _take_interval(subtract(_resample(counts, n, seed)), level),
        "only first right": only_first,
        "only second right": only_second,
        "p": float(binomtest(only_first, disagree).pvalue) if disagree else 1.0,
    }


def measure_kappa(first, second):
    """Return Cohen's kappa: agreement of two labellers beyond chance, 1 when they always agree.

    Parameters
    ----------
    first, second : array of int, shape (n_spectra,)
        Labels by, say, you and the machine (lessons 01 and 07).
    """
    first, second = _check_labels(first, second)
    if np.array_equal(first, second):
        return 1.0  # also where both know one class only, which the formula leaves undefined
    return float(cohen_kappa_score(first, second))


def score_threshold(y, proba, threshold, class_name="quasar"):
    """Return precision and recall of a class where its probability must reach `threshold`.

    Parameters
    ----------
    y : array of int, shape (n_spectra,)
        True labels; at least one of that class.
    proba : array, shape (n_spectra, 3)
    threshold : float, 0 to 1
    class_name : {"galaxy", "quasar", "star"}

    Returns
    -------
    precision, recall : float
        Precision is NaN where nothing is called that class.
    """
    index = CLASSES.index(class_name)
    called = np.asarray(proba)[:, index] >= threshold
    true = np.asarray(y) == index
    hits = np.sum(called & true)
    return hits / called.sum() if called.any() else np.nan, hits / true.sum()
