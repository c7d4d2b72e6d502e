"""Alarms for what a model has never seen, and how good they are (lesson 07).

An alarm is a number for each spectrum: the larger, the stranger.
"""

import numpy as np
from sklearn.metrics import roc_curve
from sklearn.neighbors import NearestNeighbors


def measure_distance(train_features, features, n_neighbors=5):
    """Return the mean distance to the nearest training spectra.

    Parameters
    ----------
    train_features, features : ndarray, shapes (n_train, n_features) and (n_spectra, n_features)
        Such as principal components.
    n_neighbors : int

    Returns
    -------
    ndarray, shape (n_spectra,)
    """
    near = NearestNeighbors(n_neighbors=n_neighbors).fit(train_features)
    return near.kneighbors(features)[0].mean(axis=1)


def trace_alarm(known, strange):
    """Return how many of both an alarm rings for, from the highest threshold to the lowest: ROC.

    Parameters
    ----------
    known, strange : ndarray, shapes (n_known,) and (n_strange,)
        The alarm's values for known kinds of spectra and for those of the kind never seen.

    Returns
    -------
    false_alarms, found : ndarray
        Fraction of `known` and of `strange` at or above each threshold, from 0 to 1.
    """
    truth = np.repeat([0, 1], [len(known), len(strange)])
    false_alarms, found, _ = roc_curve(truth, np.concatenate([known, strange]))
    return false_alarms, found


def catch_strange(known, strange, share):
    """Return what an alarm finds when it may ring for a share of the known spectra.

    Parameters
    ----------
    known, strange : ndarray
        As in `trace_alarm`.
    share : float, 0 to 1

    Returns
    -------
    false_alarms, found : float
        Fractions of `known` and `strange` above the threshold.
    """
    threshold = np.quantile(known, 1 - share)
    return np.mean(known > threshold), np.mean(strange > threshold)


def score_alarm(known, strange, n=1000, seed=0, level=0.95):
    """Return the area under the curve of `trace_alarm`, with its interval.

    It is the chance that a strange spectrum gets a larger value than a known one: 0.5 is throwing
    a coin, 1 is an alarm without mistakes.

    Parameters
    ----------
    known, strange : ndarray
        As in `trace_alarm`.
    n : int
        Number of resamples of both, for the bootstrap.
    seed : int
    level : float
        Part of the resamples inside the interval.

    Returns
    -------
    area : float
    interval : (float, float)
    """
    rng = np.random.default_rng(seed)

    def area(known, strange):
        known = np.sort(known)
        below = np.searchsorted(known, strange, "left") + np.searchsorted(known, strange, "right")
        return float(below.mean() / (2 * len(known)))  # equal values count one half

    again = [
        area(rng.choice(known, len(known)), rng.choice(strange, len(strange))) for _ in range(n)
    ]
    ends = (1 - level) / 2, (1 + level) / 2
    return area(known, strange), tuple(np.quantile(again, ends).tolist())
