"""Whether a probability of 0.9 is right nine times in ten, and what to do if not (lesson 07)."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import norm
from sklearn.utils.validation import check_consistent_length

TINY = 1e-12  # below any probability that float32 softmax can tell from zero


def check_proba(y, proba):
    """Return labels and probabilities as arrays; ValueError if they do not go together."""
    y, proba = np.asarray(y), np.asarray(proba, dtype=float)
    check_consistent_length(y, proba)
    if proba.ndim != 2 or np.any(proba < 0) or not np.allclose(proba.sum(axis=1), 1, atol=1e-3):
        raise ValueError(
            f"Probabilities of shape {proba.shape} do not sum to 1 in each row: give the result of "
            "predict_proba, one row a spectrum, one column a class."
        )
    if not len(y):
        raise ValueError("There are no spectra: give the labels of at least one.")
    if strange := sorted({value for value in y.tolist() if value not in range(proba.shape[1])}):
        raise ValueError(
            f"Label {strange[0]} has no column of probabilities: leave out spectra whose class is "
            "not known."
        )
    return y.astype(int), proba


def reliability_bins(y, proba, n_bins=10):
    """Group spectra by confidence and count how often each group is right.

    Parameters
    ----------
    y : array of int, shape (n_spectra,)
    proba : array, shape (n_spectra, n_classes)
        Column `i` is the probability of label `i`. Confidence is the largest of a row.
    n_bins : int
        Bins of equal width between 0 and 1.

    Returns
    -------
    dict of ndarray, shape (n_bins,)
        ``"low"``, ``"high"`` edges; ``"count"``; ``"confidence"`` and ``"accuracy"``, means in
        the bin; ``"accuracy low"`` and ``"accuracy high"``, its Wilson interval of 95 %. NaN in
        empty bins.

    Raises
    ------
    ValueError
        Rows that do not sum to 1, or another number of rows than labels.
    """
    y, proba = check_proba(y, proba)
    confidence, right = proba.max(axis=1), proba.argmax(axis=1) == y
    edges = np.linspace(0, 1, n_bins + 1)
    which = find_bins(confidence, n_bins)
    count = np.bincount(which, minlength=n_bins)
    n_right = np.bincount(which, right, n_bins)
    low, high = bound_part(n_right, count)
    with np.errstate(invalid="ignore"):
        return {
            "low": edges[:-1],
            "high": edges[1:],
            "count": count,
            "confidence": np.bincount(which, confidence, n_bins) / count,
            "accuracy": n_right / count,
            "accuracy low": low,
            "accuracy high": high,
        }


def find_bins(confidence, n_bins):
    """Return the bin of each confidence; a value on an edge belongs to the bin below."""
    edges = np.linspace(0, 1, n_bins + 1)
    return np.clip(np.searchsorted(edges, confidence, "left") - 1, 0, n_bins - 1)


def bound_part(n_right, n, level=0.95):
    """Return the Wilson interval of a part, `n_right` of `n`; NaN where there are none at all.

    Parameters
    ----------
    n_right, n : int or array of int
    level : float

    Returns
    -------
    low, high : float or ndarray
    """
    n_right, n, z = np.asarray(n_right), np.asarray(n), norm.ppf((1 + level) / 2)
    with np.errstate(invalid="ignore"):
        spread = z * np.sqrt(n_right * (n - n_right) / n + z**2 / 4)
    middle = n_right + z**2 / 2
    return (middle - spread) / (n + z**2), (middle + spread) / (n + z**2)


def expected_calibration_error(y, proba, n_bins=10):
    """Return the mean distance between confidence and accuracy over the bins, by their counts.

    Parameters as in `reliability_bins`. 0 is perfect (Guo et al. 2017, ICML), but chance alone
    makes more of it: `calibration_interval` tells how much.
    """
    bins = reliability_bins(y, proba, n_bins)
    gap = np.nan_to_num(np.abs(bins["accuracy"] - bins["confidence"]))
    return float(np.sum(gap * bins["count"]) / bins["count"].sum())


def calibration_interval(y, proba, n_bins=10, n=1000, seed=0, level=0.95):
    """Return how far the calibration error may be luck, and what a perfect model would show.

    Parameters
    ----------
    y, proba, n_bins
        As in `reliability_bins`.
    n : int
        How often chance is asked.
    seed : int
    level : float

    Returns
    -------
    dict
        ``"interval"`` (low, high); ``"perfect"``, the calibration error that a model whose
        confidence is exactly right would show on so many spectra, on average; and
        ``"perfect, at most"``, which it would pass in one case of twenty only.

    Notes
    -----
    Distances have no sign, so chance can only add to the mean of them. Random weights of the
    spectra (as in `bootstrap_intervals`) tell how far the error scatters, and how much they add is
    taken off. The interval begins at 0 where a perfect model could show the same error.
    """
    y, proba = check_proba(y, proba)
    rng, error = np.random.default_rng(seed), expected_calibration_error(y, proba, n_bins)
    confidence, right = proba.max(axis=1), proba.argmax(axis=1) == y
    bins = np.eye(n_bins)[find_bins(confidence, n_bins)]
    weights = rng.standard_exponential((n, len(y)))
    draws = np.abs(weights * (right - confidence) @ bins).sum(axis=1) / weights.sum(axis=1)
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]) - (draws.mean() - error)
    lucky = rng.random((n, len(y))) < confidence
    perfect = np.abs((lucky - confidence) @ bins).sum(axis=1) / len(y)
    most = float(np.quantile(perfect, level))
    return {
        "interval": (0.0 if error <= most else float(max(low, 0)), float(high)),
        "perfect": float(perfect.mean()),
        "perfect, at most": most,
    }


def apply_temperature(proba, temperature):
    """Make probabilities more even (temperature above 1) or more extreme (below 1).

    Parameters
    ----------
    proba : array, shape (n_spectra, n_classes)
    temperature : float
        Every logarithm of a probability is divided by it; the predicted class stays the same.

    Returns
    -------
    ndarray, shape (n_spectra, n_classes)
        Rows sum to 1.

    Raises
    ------
    ValueError
        If the temperature is not above zero.
    """
    if not temperature > 0:
        raise ValueError(f"A temperature of {temperature} makes no sense: give one above zero.")
    logit = np.log(np.maximum(np.asarray(proba, dtype=float), TINY)) / temperature
    power = np.exp(logit - logit.max(axis=1, keepdims=True))
    return power / power.sum(axis=1, keepdims=True)


def fit_temperature(y, proba):
    """Find the temperature that makes probabilities most likely, given the truth.

    Parameters
    ----------
    y : array of int, shape (n_spectra,)
    proba : array, shape (n_spectra, n_classes)
        Of spectra that are neither training nor test spectra.

    Returns
    -------
    float
        Between 0.05 and 20, for `apply_temperature` (Guo et al. 2017, ICML).
    """
    y, proba = check_proba(y, proba)
    rows = np.arange(len(y))

    def loss(log_temperature):
        scaled = apply_temperature(proba, np.exp(log_temperature))
        return -np.log(np.maximum(scaled[rows, y], TINY)).mean()

    bounds = np.log([0.05, 20])
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def compute_coverage(y, proba):
    """Trade answers for accuracy: answer only above a confidence, else say "don't know".

    Parameters
    ----------
    y : array of int, shape (n_spectra,)
    proba : array, shape (n_spectra, n_classes)

    Returns
    -------
    coverage, accuracy, threshold : ndarray, shape (n_thresholds,)
        Part of the spectra that is answered, accuracy on these, and the lowest confidence among
        them; from the most confident spectrum to all of them.
    """
    y, proba = check_proba(y, proba)
    confidence = proba.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    right = np.cumsum(proba.argmax(axis=1)[order] == y[order])
    number = np.arange(1, len(y) + 1)
    # Spectra of equal confidence are answered together or not at all.
    last = np.append(np.diff(confidence[order]) != 0, True)
    return number[last] / len(y), (right / number)[last], confidence[order][last]


def score_coverage(y, proba, threshold):
    """Return the part of the spectra answered above a confidence, and the accuracy there.

    Parameters
    ----------
    y : array of int, shape (n_spectra,)
        True labels.
    proba : array, shape (n_spectra, 3)
    threshold : float, 0 to 1
        Least confidence (largest probability) of an answer.

    Returns
    -------
    coverage, accuracy : float
        The accuracy is NaN where nothing is answered.
    """
    proba = np.asarray(proba)
    answered = proba.max(axis=1) >= threshold
    right = proba.argmax(axis=1)[answered] == np.asarray(y)[answered]
    return answered.mean(), right.mean() if answered.any() else np.nan
