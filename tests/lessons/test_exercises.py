"""Checks of the exercises: usual mistakes are known, and the right answer is never told."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import precision_score

from spectra_helpers.data import WAVELENGTH, SpectraSet
from spectra_helpers.evaluate import flip_at_random
from spectra_helpers.lessons import check, judge
from spectra_helpers.lessons.exercises import lessons_01_to_04, lessons_05_to_07
from spectra_helpers.lessons.exercises.exercise import compare
from spectra_helpers.lines import SKY_LINES
from spectra_helpers.simulate import simulate_survey

EXERCISES = lessons_01_to_04.EXERCISES | lessons_05_to_07.EXERCISES


@pytest.fixture(scope="module")
def survey():
    return simulate_survey(400, 3)


def emission_galaxy(z=0.05):
    hill = np.exp(-0.5 * ((WAVELENGTH - 6564.61 * (1 + z)) / 6) ** 2)
    slope = np.linspace(9, 1, 3000)  # the highest pixel is not the line
    return SpectraSet([slope + 3 * hill], [0], [1], truth={"z": np.array([z])})


def error_of(snr, window):
    """Noise falls with the window, the loss of lines grows: best at 7 for SNR 30, 13 for 10."""
    return abs(window - (7 if snr == 30 else 13))


def score_of(way, snr):
    """Scores of two models: the leak of the first is 0.05, less 0.01 a step of `snr`."""
    step = (100, 10, 3, 1).index(snr)
    gain = 0.05 - 0.01 * step if way == "leaky" else 0.0
    return {"1-nearest neighbour": 0.9 - 0.1 * step + gain, "forest": 0.95 + gain / 2}


def contrast_of(rows, line, redshift):
    moved = np.broadcast_to(redshift, rows.sum()) > 0
    number = np.arange(rows.sum())
    return np.where(np.where(moved, number % 3 > 0, number % 7 == 0), 2.0, 1.0)


class FussyStarReader:
    """Calls a spectrum a star when it is brighter at 8,500 Å than at 5,000 Å."""

    def predict(self, flux):
        at = np.searchsorted(WAVELENGTH, (5000, 8500))
        return np.where(flux[:, at[1]] > flux[:, at[0]], 2, 0)


@pytest.fixture(scope="module")
def given(survey):
    rng = np.random.default_rng(0)
    label = rng.choice(3, 300, p=[0.35, 0.15, 0.5])
    proba = rng.dirichlet(np.ones(3), 300) + 1.2 * np.eye(3)[label]
    proba /= proba.sum(axis=1, keepdims=True)
    features = proba + rng.normal(0, 0.2, proba.shape)
    ones = np.ones((8, 3000), "float32")
    train, test = (SpectraSet(ones[:n], [0] * n, ids) for n, ids in
                   ((6, [1, 2, 2, 3, 4, 9]), (5, [2, 3, 3, 7, 8])))  # fmt: skip
    z = np.linspace(0, 1, 60)
    matrix = np.array([[0.9, 0.05, 0.05], [0.1, 0.88, 0.02], [0.01, 0.02, 0.97]])
    return {
        "redshift": (emission_galaxy(), 0),
        "noise": (survey[survey.label == 2],),
        "energy": (survey[:20],),
        "window": (error_of,),
        "twins": (train, test),
        "leak": (score_of, "leaky", "honest"),
        "components": (0.8 * 0.9 ** np.arange(60) / 6,),
        "oxygen": (contrast_of, np.arange(60) % 2 == 0, z),
        "two_redshifts": (7500,),
        "scaler": (features[:200], label[:200], features[200:], label[200:]),
        "threshold": (label[:200], proba[:200], label[200:], proba[200:]),
        "weights": (SimpleNamespace(kernel_size=(5,), input=np.empty((1, 375, 9)), filters=16),),
        "calcium": (FussyStarReader(), survey[survey.label == 2]),
        "hans": (survey.flux[:3],),
        "promise": (label, proba),
        "another_sky": (matrix,),
        "suspects": (flip_at_random(label, 0.2, rng), proba, label),
        "alarm": (rng.normal(0, 1, 400), rng.normal(2, 1, 100)),
    }


@pytest.mark.parametrize("name", EXERCISES)
def test_right_answers_are_right_and_mistakes_get_their_own_thought(given, name):
    exercise = EXERCISES[name](*given[name])
    assert compare(exercise, exercise.right) is None
    thoughts = [compare(exercise, value) for value, _ in exercise.wrong]
    known = [thought for _, thought in exercise.wrong]
    assert all(thought in (None, *known) for thought in thoughts)
    assert thoughts.count(None) <= len(known) // 2  # here a mistake may be right by chance
    far = np.asarray(exercise.right, dtype=float) * 0 + 12345.678
    assert compare(exercise, far) == exercise.otherwise


def test_promise_that_nobody_can_keep_is_said():
    with pytest.raises(ValueError, match="no threshold keeps the promise"):
        EXERCISES["promise"](np.zeros(20, int), np.tile([0.2, 0.5, 0.3], (20, 1)))


def test_threshold_that_nobody_can_find_is_said():
    label, votes = np.array([0, 1] * 10), np.tile([0.2, 0.5, 0.3], (20, 1))
    with pytest.raises(ValueError, match=r"no threshold .* has a precision"):
        judge("threshold", 0.5, label, votes, label, votes)


@pytest.mark.parametrize("name", EXERCISES)
def test_no_thought_tells_the_answer(given, name):
    exercise = EXERCISES[name](*given[name])
    said = " ".join([exercise.otherwise, *(thought for _, thought in exercise.wrong)])
    for value in np.unique(np.asarray(exercise.right, dtype=float).round(3))[:5]:
        assert f"{value:g}" not in said.replace(",", "").split()


def test_answers_worked_out_by_hand(given):
    assert judge("redshift", 0.05, *given["redshift"]) is None
    assert "factor" in judge("redshift", 1.05, *given["redshift"])
    assert "whole spectrum" in judge("redshift", 3900 / 6564.61 - 1, *given["redshift"])
    flux = given["energy"][0].flux.astype(float)
    right = flux / np.linalg.norm(flux, axis=1, keepdims=True)
    assert judge("energy", right, *given["energy"]) is None
    assert "Which axis" in judge("energy", flux / np.linalg.norm(flux, axis=0), *given["energy"])
    assert judge("window", 7, error_of) is None
    assert "SNR 10" in judge("window", 13, error_of)
    for window in (7, 8, 9):  # all within 1 % of the best
        assert judge("window", window, lambda snr, size: max(abs(size - 8), 1)) is None
    assert judge("window", 10, lambda snr, size: max(abs(size - 8), 1)) is not None
    assert judge("twins", 3, *given["twins"]) is None
    assert judge("twins", lambda train, test: 3, *given["twins"]) is None
    assert "counted objects" in judge("twins", 2, *given["twins"])
    leak = np.array([0.05, 0.04, 0.03, 0.02])
    assert judge("leak", leak, *given["leak"]) is None
    assert judge("leak", dict(zip("abcd", leak, strict=True)), *given["leak"]) is None
    assert "has more than" in judge("leak", -leak, *given["leak"])
    assert "of the forest" in judge("leak", leak / 2, *given["leak"])
    right = [7500 / 3728.48 - 1, 7500 / 6564.61 - 1, 5008.24 * 7500 / 6564.61]  # vacuum, NIST
    assert judge("two_redshifts", right, 7500) is None
    assert "Give [O II] first" in judge("two_redshifts", [right[1], right[0], right[2]], 7500)
    assert "What is z?" in judge("two_redshifts", [right[0] + 1, right[1] + 1, right[2]], 7500)
    assert "at rest" in judge("two_redshifts", [*right[:2], 5008.24], 7500)
    assert "if the line is [O II]" in judge("two_redshifts", [*right[:2], 10_074], 7500)
    assert judge("weights", 736, *given["weights"]) is None
    assert "a bias of its own" in judge("weights", 721, *given["weights"])
    assert "every channel" in judge("weights", 96, *given["weights"])
    assert "recall" in judge("another_sky", 0.88, *given["another_sky"])


def test_precision_under_another_sky_agrees_with_counting(given):
    sky = np.repeat([0, 1, 2], [20_000, 1_000, 79_000])
    counts = given["another_sky"][0] * [[20_000], [1_000], [79_000]]
    called = np.concatenate([np.repeat([0, 1, 2], row.round().astype(int)) for row in counts])
    counted = precision_score(sky, called, labels=[1], average=None)[0]
    assert judge("another_sky", counted, *given["another_sky"]) is None


def test_search_for_wrong_labels_is_counted_by_hand():
    label = np.zeros(20, int)
    given = np.array([1] * 10 + [0] * 10)  # ten wrong ones, nine of them hardly believed
    proba = np.tile([0.9, 0.05, 0.05], (20, 1))
    proba[9], proba[14:] = [0.05, 0.95, 0.0], [0.7, 0.2, 0.1]
    assert judge("suspects", 9, given, proba, label) is None
    assert "most easily believed" in judge("suspects", 20, given, proba, label)
    proba[10:14] = [0.01, 0.98, 0.01]  # four right ones that look more suspicious
    assert judge("suspects", 13, given, proba, label) is None
    assert "So many are to be found" in judge("suspects", 9, given, proba, label)
    assert "any order" in judge("suspects", 18, given, proba, label)


def test_alarms_for_a_rare_kind_are_counted_by_hand():
    known, strange = np.arange(1000), np.repeat([2000, 0], [30, 10])
    rings = 0.001 * 0.75, 0.999 * 0.05  # of a million: 750 of the rare kind, 49,950 others
    right = rings[0] / sum(rings)
    assert judge("alarm", right, known, strange) is None
    assert "Which part of the alarms" in judge("alarm", 0.75, known, strange)
    assert "frequent" in judge("alarm", 30 / (30 + 50), known, strange)
    assert "half of all" in judge("alarm", 0.75 / 0.80, known, strange)
    assert "for nothing" in judge("alarm", 1 - right, known, strange)


def test_a_threshold_chosen_on_the_test_spectra_is_noticed(given):
    label, votes, test_label, test_votes = given["threshold"]

    def smallest(truth, p):
        steps = np.arange(0.3, 0.95, 0.01)
        return next(t for t in steps if precision_score(truth == 1, p[:, 1] >= t) >= 0.95)

    assert judge("threshold", smallest(label, votes), *given["threshold"]) is None
    peeked = smallest(test_label, test_votes)
    assert abs(peeked - smallest(label, votes)) > 0.005
    assert "Chosen on the test" in judge("threshold", peeked, *given["threshold"])


@pytest.mark.parametrize(
    ("answer", "word"),
    [([0.05, 0.05], "shape"), ("red", "number"), (np.nan, "NaN"), (lambda *_: 1 / 0, "Zero")],
)
def test_answers_of_another_kind_are_explained(given, answer, word):
    assert word in judge("redshift", answer, *given["redshift"])


def test_check_speaks_in_one_line(given, capsys):
    check("redshift", None, *given["redshift"])
    check("redshift", 0.0501, *given["redshift"])
    check("redshift", 0.3, *given["redshift"])
    first, second, third = capsys.readouterr().out.splitlines()
    assert (first, second) == ("No answer yet.", "Right.")
    assert third.startswith("Not yet. ")
    assert "0.05" not in third


def test_wrong_use_is_told(given):
    with pytest.raises(ValueError, match="No exercise 'redshfit'"):
        judge("redshfit", 1)
    with pytest.raises(ValueError, match="copy its line"):
        judge("redshift", 1)


def mask_line(flux, line, reach=10.0):
    """Mask one line, written in another way than the check: from pixel to pixel."""
    first, last = np.searchsorted(WAVELENGTH, (line - reach, line + reach))
    masked = flux.copy()
    masked[:, first:last] = 0
    return masked


def test_masks_of_the_sky_are_judged_by_what_they_hide(given):
    (flux,) = given["hans"]

    def mask_sky(flux, reach=10.0):
        for line in SKY_LINES:
            flux = mask_line(flux, line, reach)
        return flux

    assert judge("hans", mask_sky, flux) is None
    assert judge("hans", mask_sky(flux), flux) is None
    wrong = {
        "Nothing is hidden": flux,
        "How many": mask_line(flux, SKY_LINES[0]),
        "hid the rest": flux - mask_sky(flux),
        "pixels of 1.7": mask_sky(flux, 17.0),
        "Too narrow": mask_sky(flux, 5.0),
        "far to the blue": np.where(WAVELENGTH - SKY_LINES[-1] < 10, 0, flux),
        "far to the red": np.where(WAVELENGTH - SKY_LINES[0] > -10, 0, flux),
        "shape": mask_sky(flux)[:, :2990],
        "one of SKY_LINES": mask_sky(flux, 40.0),
    }
    for word, answer in wrong.items():
        assert word in judge("hans", answer, flux)
    assert "TypeError" in judge("hans", lambda: flux, flux)
