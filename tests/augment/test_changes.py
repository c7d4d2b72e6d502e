"""What distance and instruments change in a spectrum, against physics and SciPy."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from spectra_helpers.augment import (
    add_blue_noise,
    degrade_resolution,
    mask_pixels,
    offset_arms,
    redshift_spectrum,
    tilt_spectrum,
)
from spectra_helpers.data import WAVELENGTH

STEP = WAVELENGTH[1] - WAVELENGTH[0]


def line_at(wavelength, width=8.0):
    return 1 + 4 * np.exp(-0.5 * ((WAVELENGTH - wavelength) / width) ** 2)


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


def test_without_a_redshift_a_spectrum_and_its_dead_pixels_stay():
    flux = np.random.default_rng(0).normal(50, 1, (3, 3000)).astype(np.float32)
    flux[:, 700:740] = 0  # rounding would leave a trace of light, and nothing to bridge
    np.testing.assert_array_equal(redshift_spectrum(flux, 0), flux)


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
def test_resolution_is_scipys_gaussian(easy_set, fwhm):
    expected = easy_set.flux
    if fwhm:
        sigma = fwhm / np.sqrt(8 * np.log(2))
        expected = gaussian_filter1d(easy_set.flux, sigma, mode="mirror", truncate=8)
    # At 2 pixels SciPy samples the Gaussian coarsely: 0.05 of noise that has a width of 1.
    np.testing.assert_allclose(degrade_resolution(easy_set.flux, fwhm), expected, atol=0.05)


def test_resolution_of_each_row_is_its_own(easy_set):
    widths = np.linspace(0, 10, len(easy_set))
    together = degrade_resolution(easy_set.flux, widths)
    np.testing.assert_allclose(
        together[30], degrade_resolution(easy_set.flux[30], widths[30]), atol=0.01
    )


def test_blue_noise_grows_to_the_blue():
    flux = np.full((300, 3000), 10, np.float32)
    width = (add_blue_noise(flux, 20, 0) - flux).std(axis=0)
    assert width[:20].mean() == pytest.approx(4 * 0.5, rel=0.1)
    assert width[WAVELENGTH > 4300].mean() == pytest.approx(0.5, rel=0.01)


def test_sloping_noise_falls_to_the_red_as_said():
    flux = np.full((2, 400, 3000), 10, np.float32)
    noisy = [add_blue_noise(part, 20, 1, slope=s) for part, s in zip(flux, (0, 0.7), strict=True)]
    ratio = (noisy[1] - 10).std(axis=0) / (noisy[0] - 10).std(axis=0)
    expected = np.exp(-0.7 * (WAVELENGTH - 6450) / 2550)
    np.testing.assert_allclose(ratio, expected, rtol=1e-3)
    for snr in (0, np.nan):
        with pytest.raises(ValueError, match="above zero"):
            add_blue_noise(flux[0], snr, 0)


@pytest.mark.parametrize("dz", [-1, np.nan])
def test_redshift_that_no_light_can_have_is_refused(dz):
    with pytest.raises(ValueError, match="above -1"):
        redshift_spectrum(np.ones((1, 3000)), dz)
