"""Intervals and p-values against closed forms, brute force and simulated truth."""

from itertools import product

import numpy as np
import pytest
from astropy.stats import binom_conf_interval
from scipy.stats import beta, binom
from sklearn.metrics import balanced_accuracy_score, f1_score

from spectra_helpers.evaluate import (
    adjust_p,
    bootstrap_intervals,
    bound_part,
    calibration_interval,
    compare_paired,
    expected_calibration_error,
    reliability_bins,
)

SHARES = np.array([0.34, 0.10, 0.56])
NEARLY_PERFECT = np.array(
    [[0.999, 0.0005, 0.0005], [0.015, 0.983, 0.002], [0.0004, 0.0001, 0.9995]]
)
LIKE_THE_CNN = np.array([[0.995, 0.003, 0.002], [0.084, 0.904, 0.012], [0.003, 0.004, 0.993]])


def draw_answers(rates, y, rng):
    return (rates[y].cumsum(axis=1) < rng.random((len(y), 1))).sum(axis=1)


def find_macro_f1(rates):
    cells = SHARES[:, None] * rates
    return np.mean(2 * cells.diagonal() / (cells.sum(axis=0) + cells.sum(axis=1)))


@pytest.mark.parametrize("n_wrong", [0, 1, 8, 60])
def test_interval_of_accuracy_is_that_of_a_beta_distribution(n_wrong):
    y = np.arange(300) % 3
    pred = np.where(np.arange(300) < n_wrong, (y + 1) % 3, y)
    low, high = bootstrap_intervals(y, pred, n=100_000)["accuracy"]
    exact = beta.ppf([0.025, 0.975], 300 - n_wrong + 3 / 9, n_wrong + 6 / 9)
    np.testing.assert_allclose([low, high], [exact[0], exact[1] if n_wrong else 1], atol=1e-3)


@pytest.mark.parametrize("rates", [NEARLY_PERFECT, LIKE_THE_CNN], ids=["nearly perfect", "CNN"])
def test_intervals_of_macro_f1_hold_the_truth_as_often_as_they_say(rates):
    rng, truth = np.random.default_rng(8), find_macro_f1(rates)
    below, above = [], []
    for _ in range(600):
        y = rng.choice(3, 500, p=SHARES)
        low, high = bootstrap_intervals(y, draw_answers(rates, y, rng), n=1000)["macro F1"]
        below.append(truth < low)
        above.append(truth > high)
    assert 0.93 < 1 - np.mean(below) - np.mean(above) < 0.99
    assert max(np.mean(below), np.mean(above)) < 0.045  # of 2,000: neither end fails alone


def test_interval_holds_the_score_and_counts_no_class_that_is_absent():
    stars = np.full(64, 2)
    found = bootstrap_intervals(stars, stars)
    for low, high in found.values():
        assert 0.9 < low < high == 1
    y, pred = np.repeat([0, 2], 50), np.repeat([0, 2, 2], [45, 5, 50])
    for name, score in (("macro F1", f1_score), ("balanced accuracy", balanced_accuracy_score)):
        average = {"average": "macro"} if score is f1_score else {}
        low, high = bootstrap_intervals(y, pred)[name]
        assert low < score(y, pred, **average) < high
        assert low > 0.85


def test_p_of_accuracy_is_mcnemars_exact_test_by_hand():
    y = np.zeros(100, int)
    first, second = y.copy(), y.copy()
    first[:2], second[2:10] = 1, 2
    first[10:15] = second[10:15] = 1
    result = compare_paired(y, first, second)
    assert result["only first right"] == 8
    assert result["p"] == pytest.approx(2 * binom.cdf(2, 10, 0.5)) == pytest.approx(112 / 1024)


@pytest.mark.parametrize(
    ("metric", "score"),
    [
        ("macro F1", lambda y, pred: f1_score(y, pred, average="macro")),
        ("balanced accuracy", balanced_accuracy_score),
    ],
)
def test_p_of_other_scores_is_that_of_all_swaps(metric, score):
    y = np.repeat([0, 1, 2], [6, 4, 8])
    first, second = y.copy(), y.copy()
    first[[0, 6]] = 2, 0
    second[[1, 2, 7, 8, 10, 11]] = 1, 1, 0, 2, 1, 0
    rows = np.flatnonzero(first != second)
    observed, larger = abs(score(y, first) - score(y, second)), []
    for swap in product([False, True], repeat=len(rows)):
        swapped = rows[list(swap)]
        one, other = first.copy(), second.copy()
        one[swapped], other[swapped] = second[swapped], first[swapped]
        larger.append(abs(score(y, one) - score(y, other)) >= observed - 1e-9)
    result = compare_paired(y, first, second, metric=metric, n=40_000)
    assert result["p"] == pytest.approx(np.mean(larger), abs=0.01)
    assert result["difference"] == pytest.approx(score(y, first) - score(y, second))


def test_each_score_has_its_own_p():
    y = np.repeat([0, 1, 2], [400, 60, 540])
    first, second = y.copy(), y.copy()
    first[:12] = 2  # twelve of 400 galaxies
    second[400:412] = 2  # twelve of 60 quasars: as many mistakes, but another macro F1
    assert compare_paired(y, first, second)["p"] == 1
    by_f1 = compare_paired(y, first, second, metric="macro F1")
    assert by_f1["p"] < 0.01
    assert by_f1["interval"][0] > 0


@pytest.mark.parametrize("metric", ["accuracy", "macro F1"])
def test_equal_models_are_rarely_called_different(metric):
    rng, p, outside = np.random.default_rng(9), [], []
    for _ in range(400):
        y = rng.choice(3, 800, p=SHARES)
        first, second = (draw_answers(LIKE_THE_CNN, y, rng) for _ in range(2))
        result = compare_paired(y, first, second, metric=metric, n=500)
        p.append(result["p"])
        outside.append(not result["interval"][0] <= 0 <= result["interval"][1])
    assert np.mean(np.array(p) < 0.05) < 0.07
    assert np.mean(outside) < 0.08
    assert np.mean((np.array(p) < 0.05) != outside) < 0.05


def test_many_p_values_are_raised_as_holm_says():
    np.testing.assert_allclose(adjust_p([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(adjust_p([0.5, 0.9]), [1, 1])
    assert adjust_p([0.03]) == [0.03]
    assert len(adjust_p([])) == 0


def test_parts_of_the_reliability_diagram_have_wilson_intervals():
    rng = np.random.default_rng(10)
    proba = rng.dirichlet([0.4, 0.4, 0.4], 300)
    y = rng.integers(0, 3, 300)
    bins = reliability_bins(y, proba)
    for i in range(10):
        ends = bins["accuracy low"][i], bins["accuracy high"][i]
        if bins["count"][i]:
            right = round(bins["accuracy"][i] * bins["count"][i])
            expected = binom_conf_interval(right, bins["count"][i], 0.95, "wilson")
            np.testing.assert_allclose(ends, expected, atol=1e-12)
        else:
            assert np.isnan(ends).all()
    assert np.isnan(bound_part(0, 0)).all()


def test_a_perfect_model_shows_the_calibration_error_of_chance():
    rng = np.random.default_rng(11)
    proba = rng.dirichlet([0.3, 0.3, 0.3], 200)
    errors = []
    for _ in range(500):
        y = (proba.cumsum(axis=1) < rng.random((200, 1))).sum(axis=1)
        errors.append(expected_calibration_error(y, proba))
    found = calibration_interval(y, proba, n=4000)
    assert found["perfect"] == pytest.approx(np.mean(errors), rel=0.05)
    assert found["perfect, at most"] == pytest.approx(np.quantile(errors, 0.95), rel=0.08)


@pytest.mark.parametrize("power", [1, 0.5, 2])
def test_interval_of_the_calibration_error_holds_the_truth(power):
    rng = np.random.default_rng(12)

    def ask(n):
        sure = 0.5 + 0.5 * rng.beta(4, 1, n)
        odds = (sure / (1 - sure)) ** power
        right = rng.random(n) < odds / (1 + odds)
        return np.where(right, 0, 1), np.stack([sure, 1 - sure, 0 * sure], axis=1)

    truth = expected_calibration_error(*ask(1_000_000)) if power != 1 else 0
    held = []
    for _ in range(150):
        low, high = calibration_interval(*ask(400), n=300)["interval"]
        held.append(low <= truth <= high)
    assert np.mean(held) > 0.9
