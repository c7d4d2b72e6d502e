"""Score predictions: how many are right, of all and of each class (lessons 05 and 07)."""

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    cohen_kappa_score,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_recall_fscore_support,
    recall_score,
)

from spectra_helpers.data import CLASSES
from spectra_helpers.evaluate.calibration import expected_calibration_error

TINY = 1e-30  # instead of a zero below the line: 0 / 0 is to be 0
METRICS = ("accuracy", "balanced accuracy", "macro F1")
LABELS = tuple(range(len(CLASSES)))


def check_labels(*labels):
    """Return labels as arrays of int, or a ValueError: other lengths, none at all, no class."""
    labels = [np.asarray(values) for values in labels]
    shapes = {values.shape for values in labels}
    if len(shapes) > 1 or labels[0].ndim != 1 or not len(labels[0]):
        raise ValueError(
            f"Labels have shapes {sorted(shapes)}: give one true and one predicted label for each "
            "spectrum, at least one spectrum."
        )
    for values in labels:
        strange = values[~np.isin(values, LABELS)]
        if len(strange):
            raise ValueError(
                f"Label {strange[0]} is no class: use 0 galaxy, 1 quasar, 2 star, and leave out "
                "spectra whose class is not known."
            )
    return [values.astype(np.int64) for values in labels]


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
    y, pred = check_labels(y, pred)
    there = np.union1d(y, pred)  # a class that is absent counts in no mean
    scores = {
        "accuracy": accuracy_score(y, pred),
        "balanced accuracy": recall_score(y, pred, labels=np.unique(y), average="macro"),
        "macro F1": f1_score(y, pred, labels=there, average="macro"),
    }
    each = precision_recall_fscore_support(y, pred, labels=LABELS, zero_division=0)
    for name, values in zip(("precision", "recall", "F1"), each, strict=False):
        scores[name] = dict(zip(CLASSES, values.tolist(), strict=True))
    if proba is not None:
        scores["log loss"] = log_loss(y, proba, labels=LABELS)
        scores["calibration error"] = expected_calibration_error(y, proba)
    return scores


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
    counts = confusion_matrix(*check_labels(y, pred), labels=LABELS)
    if not normalize:
        return counts
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def score_counts(counts, seen=None):
    """Return accuracy, balanced accuracy and macro F1 of many confusion matrices at once.

    Parameters
    ----------
    counts : array, shape (..., 3, 3)
        Rows are true classes, columns predicted ones, as in `confusion`.
    seen : array, shape (3, 3), optional
        The matrix that says which classes are there, if it is not `counts` itself.

    Returns
    -------
    dict of str to ndarray, shape (...)
        The same as in `score_predictions`: a class that is absent counts in no mean.
    """
    seen = counts if seen is None else seen
    is_true, is_there = seen.sum(axis=-1) > 0, seen.sum(axis=-1) + seen.sum(axis=-2) > 0
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    true, called = counts.sum(axis=-1), counts.sum(axis=-2)
    recall = is_true * right / np.maximum(true, TINY)
    f1 = is_there * 2 * right / np.maximum(true + called, TINY)
    return {
        "accuracy": right.sum(axis=-1) / counts.sum(axis=(-2, -1)),
        "balanced accuracy": recall.sum(axis=-1) / is_true.sum(axis=-1),
        "macro F1": f1.sum(axis=-1) / is_there.sum(axis=-1),
    }


def measure_kappa(first, second):
    """Return Cohen's kappa: agreement of two labellers beyond chance, 1 when they always agree.

    Parameters
    ----------
    first, second : array of int, shape (n_spectra,)
        Labels by, say, you and the machine (lessons 01 and 07).
    """
    first, second = check_labels(first, second)
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
