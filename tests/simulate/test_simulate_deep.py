"""The deep survey: what it holds, and that the published one stays what it was."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from spectra_helpers.data import CLASSES, WAVELENGTH
from spectra_helpers.simulate import SURVEYS, simulate_survey, simulate_to_file
from spectra_helpers.simulate.deep.noise import draw_deep_snr, find_snr_factor
from spectra_helpers.simulate.survey import FLAG_WRONG_LABEL


@pytest.fixture(scope="module")
def deep():
    return simulate_survey(900, seed=3, survey="deep")


def test_published_survey_is_unchanged():
    spectra = simulate_survey(40, seed=1)
    labels = "2 0 2 0 1 1 0 1 2 2 2 0 2 2 2 2 0 2 0 2 2 2 0 2 0 2 0 2 2 2 2 1 0 2 2 2 2 2 0 2"
    assert spectra.label.tolist() == [int(label) for label in labels.split()]
    # The values of version 4, made before there was another survey; 5 has other names of types.
    known = [
        (-2.955949, 38.048061, 90.077232),
        (23.743288, 27.680840, 28.349182),
        (51.414845, 43.158352, 28.330359),
    ]
    assert_allclose(spectra.flux[:3, [0, 1500, 2999]], known, rtol=1e-5)
    assert_allclose(spectra.flux[[0, 7, 20], 1000], (20.156391, 82.071167, 16.932394), rtol=1e-5)
    assert spectra.truth.colnames == ["z", "subtype", "snr", "ebv", "flags"]
    assert SURVEYS["published"].version == 5


def test_deep_survey_is_whole_and_says_what_it_holds(deep):
    assert np.isfinite(deep.flux).all()
    assert np.all(np.ptp(deep.flux, axis=1) > 0)
    columns = ["host", "z", "subtype", "snr", "ebv", "flags", "spectrograph"]
    assert set(deep.truth.colnames) == set(columns)
    assert "deep" in deep.source
    assert set(deep.truth["spectrograph"]) == {"LAMOST", "SDSS", "BOSS", "DESI", "even"}


def test_deep_survey_has_enough_of_each_class(deep):
    shares = np.bincount(deep.label, minlength=3) / len(deep)
    assert_allclose(shares, (0.37, 0.29, 0.34), atol=0.05)  # the border is shared by two classes


def test_rows_of_a_deep_survey_depend_on_seed_and_row_alone(deep):
    again = simulate_survey(3, seed=3, first_row=500, survey="deep")
    np.testing.assert_array_equal(again.flux, deep.flux[500:503])
    np.testing.assert_array_equal(again.label, deep.label[500:503])


@pytest.mark.parametrize("name", ["BOSS", "LAMOST"])
def test_snr_is_drawn_from_its_documented_distribution(name):
    rng = np.random.default_rng(0)
    snr = np.array([draw_deep_snr(name, rng) for _ in range(4000)])
    assert snr.min() == pytest.approx(1 if name == "BOSS" else 3, rel=0.01)
    assert snr.max() <= 200
    # Three in four even in ln from 1 to 30, the fourth from 10 to 200.
    for limit in (4, 10):
        assert np.mean(snr < limit) == pytest.approx(0.75 * np.log(limit) / np.log(30), abs=0.03)
    assert np.mean(snr < 30) == pytest.approx(0.75 + 0.25 * np.log(3) / np.log(20), abs=0.03)


def test_every_class_has_faint_and_bright_spectra(deep):
    snr = np.asarray(deep.truth["snr"])
    assert snr.min() >= 1
    for label in range(len(CLASSES)):
        shares = [np.mean(snr[deep.label == label] < limit) for limit in (3, 10, 30)]
        assert 0.08 < shares[0] < 0.3
        assert_allclose(shares[1:], (0.52, 0.82), atol=0.08)


def test_a_class_can_be_measured_in_every_spectrum():
    x = np.arange(3000)
    weak = 1 + 0.02 * np.exp(-0.5 * ((x - 1500) / 3) ** 2)
    strong = 1 + 5.0 * np.exp(-0.5 * ((x - 1500) / 3) ** 2)
    sigma = np.full(3000, 0.5)
    assert find_snr_factor(strong, sigma) == 1
    factor = find_snr_factor(weak, sigma)
    assert factor > 20
    assert find_snr_factor(weak, sigma / factor) == pytest.approx(1)


def test_measured_noise_agrees_with_the_truth_table():
    noisy = simulate_survey(150, seed=8, survey="deep")
    clean = simulate_survey(150, seed=8, survey="deep", noiseless=True)
    window = slice(*np.searchsorted(WAVELENGTH, (6050, 6250)))  # no strong line of the sky
    step = np.diff(noisy.flux[:, window] - clean.flux[:, window], axis=1)
    scatter = 1.4826 * np.median(np.abs(step), axis=-1)
    scatter /= np.sqrt(2 * (1 - 0.48))  # correlation 0.48
    snr = np.median(np.abs(clean.flux[:, window]), axis=-1) / np.maximum(scatter, 1e-9)
    sharp = np.array([np.isfinite(value) and value < 400 for value in snr])
    ratio = np.median(snr[sharp] / np.asarray(noisy.truth["snr"])[sharp])
    assert ratio == pytest.approx(1.05, abs=0.2)  # a quarter is smoothed, and looks less noisy


def test_wrong_labels_are_as_many_as_asked_for_and_are_flagged():
    right = simulate_survey(200, seed=4, survey="deep")
    wrong = simulate_survey(200, seed=4, survey="deep", wrong_labels=0.2)
    np.testing.assert_array_equal(right.flux, wrong.flux)
    differ = right.label != wrong.label
    assert differ.mean() == pytest.approx(0.2, abs=0.09)
    flagged = np.asarray(wrong.truth["flags"]) & FLAG_WRONG_LABEL > 0
    np.testing.assert_array_equal(differ, flagged)
    assert not np.any(np.asarray(right.truth["flags"]) & FLAG_WRONG_LABEL)


@pytest.mark.parametrize("options", [{"survey": "shallow"}, {"wrong_labels": 1.5}])
def test_impossible_surveys_are_refused(options, tmp_path):
    with pytest.raises(ValueError, match=r"choose one of published, deep|a number from 0 to 1"):
        simulate_to_file(tmp_path / "a.fits", 5, **options)
    assert not list(tmp_path.iterdir())
