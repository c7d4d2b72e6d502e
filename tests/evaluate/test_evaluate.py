"""Scores, intervals and calibration against scikit-learn, SciPy and closed forms."""

import time

import numpy as np
import pytest
from scipy.stats import chi2
from sklearn import metrics

from spectra_helpers.data import CLASSES, WAVELENGTH
from spectra_helpers.evaluate import (
    apply_temperature,
    bootstrap_intervals,
    compare_paired,
    compute_coverage,
    confusion,
    degrade_to_snr,
    estimate_snr,
    expected_calibration_error,
    fit_temperature,
    measure_kappa,
    occlusion_map,
    reliability_bins,
    score_coverage,
    score_predictions,
    score_threshold,
)


@pytest.fixture
def labels():
    rng = np.random.default_rng(0)
    y = rng.choice(3, 2000, p=[0.34, 0.1, 0.56])
    wrong = rng.random(2000) < 0.1
    return y, np.where(wrong, rng.choice(3, 2000), y)


@pytest.fixture
def proba():
    """Probabilities that are true by construction, with labels drawn from them."""
    rng = np.random.default_rng(1)
    p = rng.dirichlet([0.3, 0.3, 0.3], 40000)
    y = (p.cumsum(axis=1) < rng.random((40000, 1))).sum(axis=1)
    return y, p


def test_scores_are_scikit_learns(labels):
    y, pred = labels
    scores = score_predictions(y, pred)
    assert scores["accuracy"] == pytest.approx(metrics.accuracy_score(y, pred))
    assert scores["balanced accuracy"] == pytest.approx(metrics.balanced_accuracy_score(y, pred))
    assert scores["macro F1"] == pytest.approx(metrics.f1_score(y, pred, average="macro"))
    expected = metrics.precision_recall_fscore_support(y, pred)
    for name, values in zip(("precision", "recall", "F1"), expected, strict=False):
        assert list(scores[name]) == list(CLASSES)
        np.testing.assert_allclose(list(scores[name].values()), values)


def test_scores_of_probabilities(proba):
    y, p = proba
    scores = score_predictions(y, p.argmax(axis=1), p)
    assert scores["log loss"] == pytest.approx(metrics.log_loss(y, p))
    assert scores["calibration error"] < 0.01


def test_scores_without_one_class():
    y, pred = np.array([0, 0, 2, 2]), np.array([0, 2, 2, 2])
    scores = score_predictions(y, pred)
    assert scores["macro F1"] == pytest.approx(metrics.f1_score(y, pred, average="macro"))
    assert scores["balanced accuracy"] == pytest.approx(0.75)
    assert scores["F1"]["quasar"] == 0
    low, high = bootstrap_intervals(y, pred)["macro F1"]
    assert 0 <= low < high <= 1


def test_confusion_is_scikit_learns(labels):
    expected = metrics.confusion_matrix(*labels)
    np.testing.assert_array_equal(confusion(*labels, normalize=False), expected)
    expected = metrics.confusion_matrix(*labels, normalize="true")
    np.testing.assert_allclose(confusion(*labels), expected)
    np.testing.assert_array_equal(confusion([0, 0], [0, 1])[2], 0)


@pytest.mark.parametrize(
    ("y", "pred", "word"),
    [([0, 1], [0], "shapes"), ([], [], "shapes"), ([0, -1], [0, 1], "-1"), ([0, 1], [0, 3], "3")],
)
def test_wrong_labels_are_refused(y, pred, word):
    with pytest.raises(ValueError, match=word):
        score_predictions(y, pred)


def test_interval_of_accuracy_is_binomial(labels):
    y, pred = labels
    low, high = bootstrap_intervals(y, pred, n=4000)["accuracy"]
    p = np.mean(y == pred)
    width = 2 * 1.96 * np.sqrt(p * (1 - p) / len(y))
    assert high - low == pytest.approx(width, rel=0.05)
    assert (low + high) / 2 == pytest.approx(p, abs=0.002)


def test_intervals_are_those_of_drawing_spectra(labels):
    y, pred = labels
    rng = np.random.default_rng(2)
    rows = rng.integers(0, len(y), (500, len(y)))
    drawn = [metrics.f1_score(y[r], pred[r], average="macro") for r in rows]
    low, high = bootstrap_intervals(y, pred)["macro F1"]
    np.testing.assert_allclose([low, high], np.quantile(drawn, [0.025, 0.975]), atol=0.004)


def test_intervals_are_reproducible_and_quick(labels):
    start = time.process_time()
    assert bootstrap_intervals(*labels, seed=3) == bootstrap_intervals(*labels, seed=3)
    assert time.process_time() - start < 0.5


def test_intervals_cover_the_truth():
    rng = np.random.default_rng(4)
    inside = 0
    for seed in range(300):
        y = rng.choice(3, 400)
        pred = np.where(rng.random(400) < 0.8, y, (y + 1) % 3)
        low, high = bootstrap_intervals(y, pred, n=300, seed=seed)["accuracy"]
        inside += low <= 0.8 <= high
    assert 0.9 < inside / 300 < 0.99


@pytest.mark.parametrize("n", [3, 100, 800])
def test_a_model_without_mistakes_has_an_interval_too(n):
    y = np.arange(n) % 3
    low, high = bootstrap_intervals(y, y)["accuracy"]
    assert low < 1 - 1 / (n + 1)
    assert high == 1
    low, high = bootstrap_intervals(y, (y + 1) % 3)["accuracy"]
    assert low == 0
    assert high > 1 / (2 * n)


def test_intervals_of_rare_mistakes_cover_the_truth():
    rng, covered = np.random.default_rng(5), 0
    for _ in range(200):
        y = rng.integers(0, 3, 100)
        pred = np.where(rng.random(100) < 0.01, (y + 1) % 3, y)
        low, high = bootstrap_intervals(y, pred, n=400)["accuracy"]
        covered += low <= 0.99 <= high
    assert covered > 180


def test_paired_comparison(labels):
    y, first = labels
    rng = np.random.default_rng(5)
    second = np.where(rng.random(len(y)) < 0.03, (first + 1) % 3, first)
    result = compare_paired(y, first, second, n=4000)
    a, b = np.sum((first == y) & (second != y)), np.sum((first != y) & (second == y))
    assert (result["only first right"], result["only second right"]) == (a, b)
    assert result["difference"] == pytest.approx((a - b) / len(y))
    variance = (a + b - (a - b) ** 2 / len(y)) / len(y) ** 2
    low, high = result["interval"]
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(variance), rel=0.06)
    # McNemar's classical test with continuity correction is close to the exact one.
    assert result["p"] == pytest.approx(chi2.sf((abs(a - b) - 1) ** 2 / (a + b), 1), abs=0.01)
    f1 = [metrics.f1_score(y, p, average="macro") for p in (first, second)]
    by_f1 = compare_paired(y, first, second, metric="macro F1")
    assert by_f1["difference"] == pytest.approx(f1[0] - f1[1])


def test_a_model_against_itself(labels):
    y, pred = labels
    result = compare_paired(y, pred, pred)
    assert result["p"] == 1
    low, high = result["interval"]  # that none of 2,000 answers differs does not prove it of more
    assert -3.7 / 2000 < low < 0 < high < 3.7 / 2000
    with pytest.raises(ValueError, match="Unknown metric 'AUC'"):
        compare_paired(y, pred, pred, metric="AUC")


def test_kappa(labels):
    assert measure_kappa(*labels) == pytest.approx(metrics.cohen_kappa_score(*labels))
    assert measure_kappa([2, 2], [2, 2]) == 1
    rng = np.random.default_rng(6)
    assert abs(measure_kappa(rng.choice(3, 9000), rng.choice(3, 9000))) < 0.03


def test_true_probabilities_are_calibrated(proba):
    y, p = proba
    assert expected_calibration_error(y, p) < 0.01
    bins = reliability_bins(y, p, 20)
    assert bins["count"].sum() == len(y)
    full = bins["count"] > 200
    np.testing.assert_allclose(bins["accuracy"][full], bins["confidence"][full], atol=0.08)
    assert np.isnan(bins["accuracy"][0])


def test_calibration_error_of_a_constant_confidence():
    p = np.tile([0.9, 0.05, 0.05], (100, 1))
    y = np.repeat([0, 1], [70, 30])
    assert expected_calibration_error(y, p) == pytest.approx(0.2)


def test_temperature_is_recovered(proba):
    y, p = proba
    assert fit_temperature(y, p) == pytest.approx(1, abs=0.03)
    sharpened = apply_temperature(p, 1 / 2.5)
    assert fit_temperature(y, sharpened) == pytest.approx(2.5, rel=0.03)
    softened = apply_temperature(sharpened, 2.5)
    kept = p.min(axis=1) > 1e-4
    np.testing.assert_allclose(softened[kept], p[kept], rtol=1e-6)
    np.testing.assert_array_equal(sharpened.argmax(axis=1), p.argmax(axis=1))
    with pytest.raises(ValueError, match="above zero"):
        apply_temperature(p, 0)


@pytest.mark.parametrize(
    ("threshold", "coverage", "accuracy"), [(0, 1, 0.75), (0.65, 0.75, 1), (0.9, 0.25, 1)]
)
def test_coverage_counts_answers_and_right_ones(threshold, coverage, accuracy):
    p = [[0.9, 0.05, 0.05], [0.1, 0.7, 0.2], [0.6, 0.4, 0], [0.1, 0.2, 0.7]]
    assert score_coverage([0, 1, 1, 2], p, threshold) == (coverage, accuracy)


def test_nothing_answered_has_no_accuracy_and_nothing_called_no_precision(proba):
    y, p = proba
    coverage, accuracy = score_coverage(y, p, 1.1)
    assert coverage == 0
    assert np.isnan(accuracy)
    precision, recall = score_threshold(y, p, 1.1)
    assert np.isnan(precision)
    assert recall == 0


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("name", CLASSES)
def test_threshold_agrees_with_scikit_learn(proba, threshold, name):
    y, p = proba
    index = CLASSES.index(name)
    called = p[:, index] >= threshold
    precision, recall = score_threshold(y, p, threshold, name)
    assert precision == pytest.approx(metrics.precision_score(y == index, called))
    assert recall == pytest.approx(metrics.recall_score(y == index, called))


def test_coverage_is_counting(proba):
    y, p = proba[0][:500], proba[1][:500].round(2)
    p /= p.sum(axis=1, keepdims=True)
    coverage, accuracy, threshold = compute_coverage(y, p)
    confidence = p.max(axis=1)
    for c, a, t in zip(coverage, accuracy, threshold, strict=True):
        kept = confidence >= t
        assert c == pytest.approx(kept.mean())
        assert a == pytest.approx(np.mean(p.argmax(axis=1)[kept] == y[kept]))
    assert coverage[-1] == 1
    assert accuracy[0] > accuracy[-1]


@pytest.mark.parametrize("y", [[-1, 0], [0, 3], [0.5, 1]])
@pytest.mark.parametrize(
    "ask", [reliability_bins, expected_calibration_error, fit_temperature, compute_coverage]
)
def test_labels_without_a_probability_are_refused(ask, y):
    with pytest.raises(ValueError, match="class is not known"):
        ask(y, np.full((2, 3), 1 / 3))
    with pytest.raises(ValueError, match="at least one"):
        ask([], np.empty((0, 3)))


def test_wrong_probabilities_are_refused():
    with pytest.raises(ValueError, match="sum to 1"):
        reliability_bins([0, 1], [[0.5, 0.1, 0.1], [1, 0, 0]])
    with pytest.raises(ValueError, match="inconsistent"):
        reliability_bins([0, 1], [[1, 0, 0]])


@pytest.mark.parametrize("snr", [3, 10, 30])
def test_snr_falls_to_the_wanted_value(snr):
    rng = np.random.default_rng(7)
    shape = 100 * (1 + 0.5 * np.sin(WAVELENGTH / 800))
    flux = (shape + rng.normal(0, 1, (60, 3000)) * np.linspace(4, 1, 3000)).astype(np.float32)
    noisy = degrade_to_snr(flux, snr, 8)
    assert noisy.dtype == np.float32
    assert np.median(estimate_snr(noisy)) == pytest.approx(snr, rel=0.1)
    added = (noisy - flux).std(axis=0)
    assert added[:300].mean() / added[-300:].mean() == pytest.approx(3.5, rel=0.15)


def test_dead_pixels_stay_zero_when_noise_is_added():
    flux = np.random.default_rng(3).normal(100, 1, (20, 3000)).astype(np.float32)
    flux[:, 1000:1080] = 0
    np.testing.assert_array_equal(degrade_to_snr(flux, 5, 0) == 0, flux == 0)


def test_snr_without_noise_is_as_good_as_infinite():
    assert estimate_snr(np.full((2, 3000), 100, np.float32)).min() > 1e9


def test_scores_by_hand():
    scores = score_predictions([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2])
    assert scores["accuracy"] == pytest.approx(4 / 6)
    assert scores["balanced accuracy"] == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert scores["precision"] == pytest.approx({"galaxy": 1, "quasar": 1 / 2, "star": 1 / 2})
    assert scores["F1"] == pytest.approx({"galaxy": 4 / 5, "quasar": 1 / 2, "star": 2 / 3})
    assert scores["macro F1"] == pytest.approx((4 / 5 + 1 / 2 + 2 / 3) / 3)


def test_snr_cannot_rise():
    noise = np.random.default_rng(9).normal(10, 5, (5, 3000)).astype(np.float32)
    np.testing.assert_array_equal(degrade_to_snr(noise, 50, 0), noise)
    with pytest.raises(ValueError, match="above zero"):
        degrade_to_snr(noise, 0, 0)


class LineReader:
    """A model that looks at 6,000 to 6,100 Å alone."""

    classes_ = np.arange(3)
    seen = (WAVELENGTH > 6000) & (WAVELENGTH < 6100)

    def predict_proba(self, flux):
        bright = np.clip(flux[:, self.seen].mean(axis=1) - 1, 0, 1)
        return np.stack([bright, 1 - bright, 0 * bright], axis=1)


def test_occlusion_finds_what_a_model_looks_at():
    line = np.exp(-0.5 * ((WAVELENGTH - 6050) / 20) ** 2)
    flux = np.stack([1 + line, 1 + 0.5 * line, np.ones(3000)])
    center, lost = occlusion_map(LineReader(), flux, [0, 0, 1], max_rows=7)
    assert lost.shape == (3, len(center))
    assert center[np.argmax(lost[0])] == pytest.approx(6050, abs=52)
    np.testing.assert_allclose(lost[1], lost[0] / 2, atol=1e-9)
    assert np.all(lost[:, np.abs(center - 6050) > 110] == 0)
    np.testing.assert_allclose(lost[2], 0, atol=1e-12)
    beside = [1 + np.exp(-0.5 * ((WAVELENGTH - place) / 4) ** 2) for place in (5990, 6110)]
    _, lost = occlusion_map(LineReader(), beside, [1, 1], step=1)
    np.testing.assert_allclose(lost, 0, atol=0.02)  # a line beside the window does not tilt it
    with pytest.raises(ValueError, match="none of the model's classes"):
        occlusion_map(LineReader(), flux, [0, 0, 5])


@pytest.mark.parametrize(
    ("label", "options", "message"),
    [
        ([0, 0, 1], {"step": 0}, "step=0 makes no sense: give at least 1"),
        ([0, 0, 1], {"step": -3}, "step=-3 makes no sense"),
        ([0, 0, 1], {"width": 0}, "width=0 makes no sense: give 1 to 2999"),
        ([0, 0, 1], {"width": 3000}, "width=3000 makes no sense: give 1 to 2999"),
        ([0, 1], {}, "one label for each of the 3 spectra, not 2"),
        ([1], {}, "one label for each of the 3 spectra, not 1"),  # not the same label for all
    ],
)
def test_occlusion_says_what_it_needs(label, options, message):
    flux = np.ones((3, 3000))
    with pytest.raises(ValueError, match=message):
        occlusion_map(LineReader(), flux, label, **options)
