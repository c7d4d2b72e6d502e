"""Augmentation against the statistics and the physics it claims."""

import numpy as np
import pytest
from astropy.table import Table
from scipy.ndimage import gaussian_filter1d

from spectra_helpers.augment import (
    add_blue_noise,
    add_noise,
    augment_class,
    augment_training_set,
    degrade_resolution,
    mask_pixels,
    offset_arms,
    redshift_spectrum,
    tilt_spectrum,
    vary_spectra,
)
from spectra_helpers.data import WAVELENGTH, SpectraSet

RNG = np.random.default_rng
STEP = WAVELENGTH[1] - WAVELENGTH[0]


def line_at(wavelength, width=8.0):
    return 1 + 4 * np.exp(-0.5 * ((WAVELENGTH - wavelength) / width) ** 2)


@pytest.fixture
def train(easy_set):
    truth = Table({"z": np.linspace(0, 1, len(easy_set))})
    return SpectraSet(easy_set.flux, easy_set.label, easy_set.objid, truth=truth, source="easy")


@pytest.mark.parametrize("snr", [3, 100])
def test_noise_has_the_published_width(snr):
    flux = 7 * np.sin(WAVELENGTH / 300) + 3
    noise = add_noise(np.tile(flux, (40, 1)), snr, 0) - flux
    assert noise.std() == pytest.approx(np.abs(flux).mean() / snr, rel=0.01)
    assert abs(noise.mean()) < 4 * noise.std() / np.sqrt(noise.size)


def test_noise_of_an_snr_each_is_reproducible_and_leaves_the_input(train):
    before = train.flux.copy()
    snr = np.geomspace(2, 200, len(train))
    noisy = add_noise(train.flux, snr, 5)
    np.testing.assert_array_equal(noisy, add_noise(train.flux, snr, RNG(5)))
    measured = np.abs(train.flux).mean(1) / (noisy - train.flux).std(1)
    np.testing.assert_allclose(measured, snr, rtol=0.1)
    np.testing.assert_array_equal(train.flux, before)
    with pytest.raises(ValueError, match="above zero"):
        add_noise(train.flux, 0, 0)


def test_copies_are_of_the_class_and_know_their_original(train):
    copies = augment_class(train, "quasar", 50, snr=1000, seed=1)
    assert copies.counts() == {"galaxy": 0, "quasar": 50, "star": 0}
    for i in range(50):
        original = train[train.objid == copies.objid[i]]
        assert original.truth["z"][0] == copies.truth["z"][i]
        np.testing.assert_allclose(copies.flux[i], original.flux[0], rtol=0.02)
    assert len(np.unique(copies.objid)) == 20  # every quasar before any a second time
    assert not (copies.flux[:, None] == train.flux).all(axis=2).any()
    with pytest.raises(ValueError, match="Unknown class 'qso'"):
        augment_class(train, "qso", 1)
    with pytest.raises(ValueError, match="no quasar"):
        augment_class(train[train.label == 0], "quasar", 1)


def test_training_set_grows_by_the_numbers_asked_for(train):
    grown = augment_training_set(train, {"galaxy": 5, "quasar": 10}, seed=2)
    assert grown.counts() == {"galaxy": 25, "quasar": 30, "star": 20}
    np.testing.assert_array_equal(grown.flux[: len(train)], train.flux)
    assert len(grown.truth) == len(grown)
    assert set(grown.objid) == set(train.objid)
    assert augment_training_set(train, seed=2).counts()["quasar"] == 220


@pytest.mark.parametrize("dz", [-0.05, 0.0, 0.12])
def test_redshift_moves_a_line_and_conserves_its_light(dz):
    moved = redshift_spectrum(line_at(6000.0), dz)
    peak = WAVELENGTH[np.argmax(moved)]
    assert peak == pytest.approx(6000 * (1 + dz), abs=STEP)
    inside = moved > 0
    light = np.sum(moved[inside] - 1 / (1 + dz)) * STEP
    assert light == pytest.approx(4 * 8 * np.sqrt(2 * np.pi), rel=3e-3)
    low, high = 3900 * (1 + dz), 9000 * (1 + dz)
    np.testing.assert_array_equal(inside, (low <= WAVELENGTH) & (high >= WAVELENGTH))


def test_redshift_of_a_straight_line_is_exact():
    slope = WAVELENGTH / 1000
    moved = redshift_spectrum(np.stack([slope, slope]), [0.01, -0.01])
    expected = np.stack([slope / 1.01**2, slope / 0.99**2])
    inside = moved > 0
    np.testing.assert_allclose(moved[inside], expected[inside], rtol=1e-5)


def test_tilt_and_offset_change_the_ends_as_said():
    flat = np.ones((2, 3000), np.float32)
    tilted = tilt_spectrum(flat, [0.2, 0.0], [0.0, 0.3])
    np.testing.assert_allclose(tilted[0, [0, -1]], np.exp([-0.2, 0.2]), rtol=1e-5)
    np.testing.assert_allclose(tilted[1, -1] / tilted[1, 1500], np.exp(0.3), rtol=1e-4)
    shifted = offset_arms(flat, [0.05, -0.1])
    assert np.all(shifted[:, WAVELENGTH < 5700] == 1)
    np.testing.assert_allclose(
        shifted[:, WAVELENGTH > 5900].T, [[1.05, 0.9]] * np.sum(WAVELENGTH > 5900), rtol=1e-6
    )


def test_masks_are_runs_within_their_limits():
    masked = mask_pixels(np.ones((200, 3000), np.float32), 3, n_runs=2, longest=40, blue_end=100)
    dead = masked == 0
    assert dead[:, 120:].sum(1).max() <= 80
    assert 20 < dead[:, 120:].sum(1).mean() < 50  # two runs of 20.5 pixels in the mean
    assert 40 < dead[:, :100].sum(1).mean() < 65
    assert not (dead[1:] == dead[:-1]).all(axis=1).any()


@pytest.mark.parametrize("fwhm", [0.0, 2.0, 9.0])
def test_resolution_is_scipys_gaussian(train, fwhm):
    expected = train.flux
    if fwhm:
        sigma = fwhm / np.sqrt(8 * np.log(2))
        expected = gaussian_filter1d(train.flux, sigma, mode="mirror", truncate=8)
    # At 2 pixels SciPy samples the Gaussian coarsely: 0.05 of noise that has a width of 1.
    np.testing.assert_allclose(degrade_resolution(train.flux, fwhm), expected, atol=0.05)


def test_resolution_of_each_row_is_its_own(train):
    widths = np.linspace(0, 10, len(train))
    together = degrade_resolution(train.flux, widths)
    np.testing.assert_allclose(
        together[30], degrade_resolution(train.flux[30], widths[30]), atol=0.01
    )


def test_blue_noise_grows_to_the_blue():
    flux = np.full((300, 3000), 10, np.float32)
    width = (add_blue_noise(flux, 20, 0) - flux).std(axis=0)
    assert width[:20].mean() == pytest.approx(4 * 0.5, rel=0.1)
    assert width[WAVELENGTH > 4300].mean() == pytest.approx(0.5, rel=0.01)


def test_varied_spectra_keep_labels_and_stars_keep_their_wavelengths():
    n = 60
    flux = np.tile(line_at(6500.0, 12) * 100, (n, 1)).astype(np.float32)
    train = SpectraSet(flux, np.arange(n) % 3, np.arange(n))
    varied = vary_spectra(train, seed=4)
    np.testing.assert_array_equal(varied.label, train.label)
    near = np.abs(WAVELENGTH - 6500) < 300
    smooth = gaussian_filter1d(varied.flux[:, near], 8)
    peak = WAVELENGTH[near][np.argmax(smooth, axis=1)]
    assert np.mean(np.abs(peak - 6500) < 15) < 0.6
    assert np.mean(np.abs(peak[train.label == 2] - 6500) < 15) > 0.9
    np.testing.assert_array_equal(varied.flux, vary_spectra(train, seed=4).flux)
