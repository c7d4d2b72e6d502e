"""What distance and instruments change in a spectrum, against physics and SciPy."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from spectra_helpers.augment import (
    add_blue_noise,
    add_sky,
    degrade_resolution,
    mask_pixels,
    offset_arms,
    redshift_spectrum,
    tilt_spectrum,
)
from spectra_helpers.data import WAVELENGTH
from spectra_helpers.lines import SKY_LINES
from spectra_helpers.preprocess import clip_spikes
from spectra_helpers.simulate.sky import AIRGLOW

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


def near(line, half=8.0):
    return np.abs(WAVELENGTH - line) < half


def test_sky_stands_at_its_lines_as_high_as_said():
    flux = np.full((2, 3000), 50, np.float32)
    sky = add_sky(flux, [0.5, 2.0]) - flux
    assert sky.dtype == np.float32
    for line, sigma, part in zip(SKY_LINES, (1.3, 1.8, 1.8), (1, 0.6, 0.24), strict=True):
        light = sky[:, near(line)].sum(axis=1) * STEP
        expected = part * sigma * np.sqrt(2 * np.pi) * 50 * np.array([0.5, 2.0])
        np.testing.assert_allclose(light, expected, rtol=1e-3)
        assert abs(WAVELENGTH[near(line)][sky[1, near(line)].argmax()] - line) <= STEP
    assert 0.9 * 100 < sky[1].max() <= 100
    elsewhere = ~np.any([near(line, 12) for line in SKY_LINES], axis=0)
    assert not sky[:, elsewhere].any()


def test_heights_of_sky_lines_are_those_of_the_simulated_night():
    night = dict(AIRGLOW)
    flux = np.ones(3000)
    light = [(add_sky(flux, 1.0) - flux)[near(line)].sum() for line in SKY_LINES]
    heights = np.array(light) / (1.3, 1.8, 1.8)
    expected = [night[line] for line in SKY_LINES]
    np.testing.assert_allclose(heights / heights[0], np.array(expected) / expected[0], rtol=1e-3)


def test_sky_is_measured_by_the_mean_flux_of_each_spectrum():
    flux = np.linspace(1, 3, 3000) * np.array([[1.0], [10.0]])
    sky = add_sky(flux, 1.0) - flux
    np.testing.assert_allclose(sky[1], 10 * sky[0], rtol=1e-9, atol=1e-9)
    assert sky[0].max() == pytest.approx(2.0, rel=0.1)
    np.testing.assert_allclose(add_sky(flux, -1.0) - flux, -sky, atol=1e-9)  # too much taken away


def test_without_sky_a_spectrum_stays_and_dead_pixels_see_none():
    flux = np.random.default_rng(0).normal(50, 1, (3, 3000)).astype(np.float32)
    flux[:, near(SKY_LINES[1])] = 0
    np.testing.assert_array_equal(add_sky(flux, 0), flux)
    assert not add_sky(flux, 3.0)[:, near(SKY_LINES[1])].any()


def test_the_repair_of_spikes_does_not_take_the_sky_away(easy_set):
    sky = clip_spikes(add_sky(easy_set.flux, 1.0)) - clip_spikes(easy_set.flux)
    red = sky[:, near(SKY_LINES[1])].max(axis=1) / np.abs(easy_set.flux).mean(axis=1)
    assert np.median(red) > 0.4
