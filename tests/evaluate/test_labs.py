"""Wrong labels are wrong where they should be; alarms agree with scikit-learn and with counting."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import roc_auc_score

from spectra_helpers.evaluate import (
    catch_strange,
    flip_at_border,
    flip_at_random,
    measure_distance,
    rank_suspects,
    score_alarm,
    trace_alarm,
)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def label(rng):
    return rng.choice(3, 2000, p=[0.34, 0.10, 0.56])


@pytest.mark.parametrize("rate", [0, 0.02, 0.2, 1])
def test_dice_change_as_many_labels_as_asked_for(label, rng, rate):
    before = label.copy()
    given = flip_at_random(label, rate, rng)
    assert np.sum(given != label) == round(rate * len(label))
    assert set(given) <= {0, 1, 2}
    np.testing.assert_array_equal(label, before)


def test_dice_take_both_other_classes_equally_often(label, rng):
    given = flip_at_random(label, 1.0, rng)
    for own in range(3):
        shares = np.bincount(given[label == own], minlength=3) / np.sum(label == own)
        assert shares[own] == 0
        np.testing.assert_allclose(np.delete(shares, own), 0.5, atol=0.12)


def test_border_changes_the_least_believed_galaxies_and_quasars_by_hand():
    label = np.array([0, 1, 2, 0, 1, 2])
    proba = np.array([[0.9, 0.1, 0], [0.6, 0.4, 0], [0.3, 0.4, 0.3],
                      [0.5, 0.4, 0.1], [0, 0.5, 0.5], [0.5, 0.5, 0]])  # fmt: skip
    # own less other: 0.8, -0.2, a star, 0.1, 0.5, a star
    assert flip_at_border(label, proba, 0).tolist() == label.tolist()
    assert flip_at_border(label, proba, 1 / 6).tolist() == [0, 0, 2, 0, 1, 2]
    assert flip_at_border(label, proba, 2 / 6).tolist() == [0, 0, 2, 1, 1, 2]
    assert flip_at_border(label, proba, 1).tolist() == [1, 0, 2, 1, 0, 2]  # stars stay


def test_suspects_come_by_the_probability_of_the_given_label():
    proba = np.array([[0.2, 0.3, 0.5], [0.8, 0.1, 0.1], [0.05, 0.05, 0.9]])
    assert rank_suspects(np.array([2, 1, 2]), proba).tolist() == [1, 0, 2]
    assert rank_suspects(np.array([0, 0, 0]), proba).tolist() == [2, 0, 1]


def test_suspects_find_what_dice_changed(label, rng):
    proba = 0.8 * np.eye(3)[label] + 0.2 * rng.dirichlet(np.ones(3), len(label))
    given = flip_at_random(label, 0.1, rng)
    order = rank_suspects(given, proba)
    assert np.all((given != label)[order][:200])


def test_distance_is_the_mean_to_the_nearest(rng):
    train, new = rng.normal(size=(50, 4)), rng.normal(size=(7, 4))
    by_hand = np.sort(cdist(new, train), axis=1)[:, :3].mean(axis=1)
    np.testing.assert_allclose(measure_distance(train, new, 3), by_hand)


@pytest.fixture
def values(rng):
    known = rng.normal(size=300).round(1)  # with equal values
    return known, rng.normal(1, 1, 120).round(1)


def test_area_is_that_of_scikit_learn_and_of_the_curve(values):
    known, strange = values
    area, (low, high) = score_alarm(known, strange)
    truth = np.repeat([0, 1], [300, 120])
    assert area == pytest.approx(roc_auc_score(truth, np.concatenate(values)))
    false_alarms, found = trace_alarm(known, strange)
    assert area == pytest.approx(np.trapezoid(found, false_alarms))
    assert low < area < high


def test_interval_of_the_area_is_as_wide_as_hanley_and_mcneil_say(values):
    """Hanley and McNeil 1982, Radiology 143, 29: standard error of an area, from both numbers."""
    area, (low, high) = score_alarm(*values)
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + 119 * (q1 - area**2) + 299 * (q2 - area**2)
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(variance / 300 / 120), rel=0.15)


def test_alarms_that_know_all_or_nothing():
    assert score_alarm(np.arange(10), np.arange(20, 25)) == (1, (1, 1))
    assert score_alarm(np.zeros(10), np.zeros(5))[0] == 0.5


@pytest.mark.parametrize(("share", "rings"), [(0, 0), (0.05, 0.05), (0.5, 0.5), (1, 0.99)])
def test_alarm_rings_for_the_share_that_it_may(share, rings):
    known, strange = np.arange(100), np.arange(50, 150)
    false_alarms, found = catch_strange(known, strange, share)
    assert false_alarms == pytest.approx(rings)
    threshold = np.quantile(known, 1 - share)
    assert found == np.sum(strange > threshold) / 100
