"""How far a score, or the difference of two models, may be luck (lesson 07)."""

import numpy as np
from scipy.stats import binomtest

from spectra_helpers.evaluate.scores import METRICS, check_labels, confusion, score_counts

# So much of a spectrum is added to each cell of a table of counts: what was not seen among n
# spectra may still happen. `benchmarks/coverage.py` tells what is gained, and why not more.
MORE = 1 / 9
ROUNDING = 1e-12  # two differences that are nearer than this are the same


def draw_counts(counts, n, seed):
    """Give the spectra random weights, many times, and add up the weights in each cell.

    The weight of a spectrum is exponential with mean 1 (the Bayesian bootstrap of Rubin 1981), so
    the sum of k of them follows a gamma distribution: no spectrum is drawn one by one.

    Parameters
    ----------
    counts : array, any shape
        How many spectra are in each cell; the first axis is the true class.
    n : int
        How often all spectra get new weights.
    seed : int

    Returns
    -------
    ndarray, shape (n, *counts.shape)
        Positive, of a sum near that of the counts; only ratios have a meaning.
    """
    is_there = counts.any(axis=tuple(range(1, counts.ndim)), keepdims=True)
    rng = np.random.default_rng(seed)
    return rng.standard_gamma(counts + MORE * is_there, size=(n, *counts.shape))


def find_interval(draws, score, level):
    """Return the (low, high) that holds the middle part of the draws, and the score itself."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(min(low, score)), float(max(high, score))


def bootstrap_intervals(y, pred, n=10_000, seed=0, level=0.95):
    """Return intervals of the scores by giving the test spectra random weights.

    Parameters
    ----------
    y, pred : array of int, shape (n_spectra,)
    n : int
        How often the spectra get new weights.
    seed : int
    level : float
        How often such an interval is to hold the true score.

    Returns
    -------
    dict
        (low, high) for ``"accuracy"``, ``"balanced accuracy"`` and ``"macro F1"``.

    Notes
    -----
    Says how much the score would change with other test spectra, not with another training. For
    500 to 10,000 test spectra, intervals of 95 % hold the true macro F1 in 93 to 98 of 100 tests
    (``benchmarks/coverage.py``); with fewer than about five test spectra of a class they mean
    little. `draw_counts` draws, `score_counts` scores. Taught in lesson 07.
    """
    counts = confusion(y, pred, normalize=False)
    draws, scores = score_counts(draw_counts(counts, n, seed), counts), score_counts(counts)
    return {name: find_interval(draws[name], scores[name], level) for name in METRICS}


def swap_answers(counts, n, seed):
    """Let chance decide, for every spectrum, which of its two answers is whose; many times.

    Parameters
    ----------
    counts : array of int, shape (3, 3, 3)
        Spectra by true class, answer of the first and answer of the second model.
    n : int
    seed : int

    Returns
    -------
    ndarray of int, shape (n, 3, 3, 3)
        Of the spectra that got the answers i and j, a binomial part gets them as j and i.
    """
    either = np.triu(counts + counts.swapaxes(-1, -2), 1)  # i and j, whoever said which
    stay = np.random.default_rng(seed).binomial(either, 0.5, size=(n, *counts.shape))
    same = counts * np.eye(counts.shape[-1], dtype=int)
    return same + stay + (either - stay).swapaxes(-1, -2)


def compare_paired(y, first, second, metric="accuracy", n=10_000, seed=0, level=0.95):
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
        ``"difference"`` first minus second; its ``"interval"`` (low, high), where both answers to
        a spectrum share its weight; ``"only first right"`` and ``"only second right"``, counts;
        ``"p"``: how often a difference of this metric is as large, or larger, if chance decides
        which of the two answers to a spectrum is whose. For the accuracy that is McNemar's exact
        test; for the others `swap_answers` draws it `n` times.

    Raises
    ------
    ValueError
        An unknown metric, or labels as in `score_predictions`.
    """
    if metric not in METRICS:
        raise ValueError(f"Unknown metric {metric!r}. Choose one of: {', '.join(METRICS)}.")
    y, first, second = check_labels(y, first, second)
    counts = np.zeros((3, 3, 3), int)
    np.add.at(counts, (y, first, second), 1)
    difference = float(subtract_scores(counts, metric, counts))
    draws = subtract_scores(draw_counts(counts, n, seed), metric, counts)
    only_first = int(np.sum((first == y) & (second != y)))
    only_second = int(np.sum((first != y) & (second == y)))
    if metric == "accuracy":
        p = binomtest(only_first, max(only_first + only_second, 1)).pvalue
    else:
        by_chance = subtract_scores(swap_answers(counts, n, seed), metric)
        p = (1 + np.sum(np.abs(by_chance) >= abs(difference) - ROUNDING)) / (1 + n)
    return {
        "difference": difference,
        "interval": find_interval(draws, difference, level),
        "only first right": only_first,
        "only second right": only_second,
        "p": float(p),
    }


def subtract_scores(counts, metric, seen=None):
    """Return the score of the first model minus that of the second.

    Parameters
    ----------
    counts : array, shape (..., 3, 3, 3)
        Spectra, or their weights, by true class, answer of the first and answer of the second.
    metric : str
    seen : array, shape (3, 3, 3), optional
        The counts that say which classes are there, if these are not `counts` themselves.
    """
    seen = counts if seen is None else seen
    first, second = (
        score_counts(counts.sum(axis=other), seen.sum(axis=other))[metric] for other in (-1, -2)
    )
    return first - second


def adjust_p(p):
    """Raise p-values because many pairs were tested, by the method of Holm (1979).

    Parameters
    ----------
    p : sequence of float
        A p-value for each pair.

    Returns
    -------
    ndarray
        In the same order. Call pairs different where this is below 0.05: then the chance that one
        of them or more is a false alarm stays below 0.05.
    """
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    times = len(p) - np.arange(len(p))  # the smallest p by the number of pairs, the next by less
    raised = np.empty_like(p)
    raised[order] = np.minimum(np.maximum.accumulate(times * p[order]), 1)
    return raised
