"""Preprocessing against SciPy, analytic shapes and a spectrograph's resolution."""

import warnings

import numpy as np
import pytest
from scipy.signal import savgol_filter
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from spectra_helpers.preprocess import (
    SpectrumPreprocessor,
    clip_spikes,
    continuum_normalize,
    energy_normalize,
    fit_locally,
    measure_noise,
    median_normalize,
    smooth_savgol,
)

PIXEL = np.arange(3000)
NORMALIZERS = (energy_normalize, median_normalize, continuum_normalize)


@pytest.fixture
def flux():
    rng = np.random.default_rng(0)
    slope = 50 + 20 * np.sin(PIXEL / 500) * rng.uniform(0.2, 1, (300, 1))
    return (slope + rng.normal(0, 1, (300, 3000))).astype(np.float32)


def gaussian(center, fwhm):
    return np.exp(-4 * np.log(2) * ((PIXEL - center) / fwhm) ** 2)


def test_energy_is_one_and_shape_kept(flux):
    result = energy_normalize(flux)
    assert result.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(result.astype(float), axis=1), 1, rtol=1e-5)
    expected = flux / np.linalg.norm(flux.astype(float), axis=1, keepdims=True)
    np.testing.assert_allclose(result, expected, rtol=1e-5)


@pytest.mark.parametrize("scale", [1e-24, 1e22])
def test_energy_survives_units_beyond_float32_squares(flux, scale):
    result = energy_normalize(flux[:3] * np.float32(scale))
    np.testing.assert_allclose(result, energy_normalize(flux[:3]), rtol=1e-5)


@pytest.mark.parametrize("n_pixels", [3000, 2999])
def test_median_is_numpys(flux, n_pixels):
    flux = flux[:, :n_pixels]
    expected = flux / np.median(flux, axis=1, keepdims=True)
    np.testing.assert_allclose(median_normalize(flux), expected, rtol=1e-6)


def test_median_of_noise_without_light_stays_bounded():
    noise = np.random.default_rng(1).normal(0, 1, (50, 3000)).astype(np.float32)
    assert np.abs(median_normalize(noise)).max() < 600


def test_continuum_is_removed_and_lines_stay():
    slope = 100 + 0.02 * PIXEL
    spectrum = slope * (1 + 2 * gaussian(1500, 6))
    result = continuum_normalize(spectrum)
    away = np.abs(PIXEL - 1500) > 200
    np.testing.assert_allclose(result[away][75:-75], 1, atol=0.002)
    assert result[1500] == pytest.approx(3, abs=0.05)


def test_continuum_of_a_few_lit_pixels_stays_finite():
    spectrum = np.zeros(3000, np.float32)
    spectrum[40:50] = 100
    assert np.abs(continuum_normalize(spectrum)).max() < 1e4


@pytest.mark.parametrize("n_blocks", [-1, 0, 1001])
def test_continuum_needs_blocks_that_fit(n_blocks):
    with pytest.raises(ValueError, match=rf"n_blocks={n_blocks}: .* 1 to 1,000 blocks"):
        continuum_normalize(np.ones(3000), n_blocks)


@pytest.mark.parametrize("normalize", NORMALIZERS)
def test_one_spectrum_equals_row_of_many_and_input_is_kept(flux, normalize):
    before = flux.copy()
    np.testing.assert_array_equal(normalize(flux)[7], normalize(flux[7]))
    np.testing.assert_array_equal(flux, before)


@pytest.mark.parametrize("normalize", NORMALIZERS)
def test_scale_of_a_spectrum_does_not_matter(flux, normalize):
    np.testing.assert_allclose(normalize(flux * 1000), normalize(flux), rtol=2e-5)


def test_a_local_polynomial_is_what_scipy_does_at_that_pixel(flux):
    spectrum = flux[0].astype(float)
    pixels, polynomial = fit_locally(spectrum, 1500, 11, 3)
    np.testing.assert_array_equal(pixels, np.arange(1495, 1506))
    assert polynomial(1500) == pytest.approx(savgol_filter(spectrum, 11, 3)[1500], rel=1e-12)


@pytest.mark.parametrize(("window", "polyorder"), [(5, 2), (11, 3), (51, 4)])
def test_odd_windows_are_scipys(flux, window, polyorder):
    expected = savgol_filter(flux.astype(float), window, polyorder, axis=1)
    np.testing.assert_allclose(smooth_savgol(flux, window, polyorder), expected, atol=1e-3)


def test_uncentered_even_window_is_scipys(flux):
    expected = savgol_filter(flux.astype(float), 10, 3, axis=1)
    np.testing.assert_allclose(smooth_savgol(flux, 10, 3, center=False), expected, atol=1e-3)


@pytest.mark.parametrize("window", [6, 10, 20])
def test_even_window_reproduces_its_polynomial_to_the_last_pixel(window):
    x = np.linspace(-1, 1, 200)
    cubic = 4 - x + 3 * x**2 - 2 * x**3
    np.testing.assert_allclose(smooth_savgol(cubic, window, 3), cubic, rtol=1e-10)


def test_even_window_shifts_a_line_half_a_pixel_unless_centered():
    line = 1 + gaussian(1500, 20)

    def find_center(spectrum):
        return np.sum(PIXEL * (spectrum - 1)) / np.sum(spectrum - 1)

    assert find_center(smooth_savgol(line, 10, 3)) == pytest.approx(1500, abs=1e-6)
    shifted = find_center(smooth_savgol(line, 10, 3, center=False))
    assert abs(shifted - 1500) == pytest.approx(0.5, abs=1e-6)


def test_smoothing_refuses_windows_that_do_not_fit(flux):
    for window, polyorder in ((3, 3), (3001, 3)):
        with pytest.raises(ValueError, match="does not fit"):
            smooth_savgol(flux, window, polyorder)


def test_noise_is_measured_in_spite_of_spikes():
    rng = np.random.default_rng(2)
    rows = rng.normal(0, 3, (200, 3000))
    rows[:, ::97] += 500
    assert np.median(measure_noise(rows)) == pytest.approx(3, rel=0.1)


def test_noise_of_one_spectrum_is_a_row_of_many(flux):
    np.testing.assert_array_equal(measure_noise(flux[4]), measure_noise(flux)[4])
    assert measure_noise(flux[4]).shape == (30,)
    with pytest.raises(ValueError, match="give at least 3"):
        measure_noise([1.0, 2.0])


@pytest.mark.parametrize("width", [1, 2])
def test_spikes_go(flux, width):
    rng = np.random.default_rng(3)
    spiked = flux.copy()
    for row in range(len(flux)):
        for pixel in rng.choice(np.arange(20, 2980, 40), 5, replace=False):
            spiked[row, pixel : pixel + width] += rng.uniform(15, 400)
    assert np.abs(clip_spikes(spiked) - flux).max() < 8


def test_spikes_at_both_ends_and_downward_ones_go(flux):
    spiked = flux.copy()
    spiked[:, [0, 2999]] += 200
    spiked[:, 1000] -= 200
    assert np.abs(clip_spikes(spiked) - flux).max() < 8


@pytest.mark.parametrize("fwhm", [3, 4, 8, 60])
@pytest.mark.parametrize("height", [0.5, 5, 50])
@pytest.mark.parametrize("offset", [0, 0.25, 0.5])
def test_lines_at_the_resolution_stay(fwhm, height, offset):
    rng = np.random.default_rng(4)
    lines = 100 + 100 * height * sum(gaussian(c + offset, fwhm) for c in (500, 700, 2200))
    lines = lines + 100 * height / 3 * gaussian(670, fwhm)  # [O III] comes as a pair
    noisy = lines + rng.normal(0, 2, 3000)
    changed = np.flatnonzero(clip_spikes(noisy) != noisy)
    distance = np.abs(changed[:, None] - np.array([500, 670, 700, 2200])).min(initial=9, axis=1)
    assert not np.any(distance < 2 * fwhm)


def test_absorption_lines_stay():
    depth = 0.5 * gaussian(800, 2.5) + 0.8 * gaussian(1500, 4) + 0.5 * gaussian(2000, 30)
    spectrum = 200 * (1 - depth) + np.random.default_rng(5).normal(0, 1, 3000)
    changed = clip_spikes(spectrum) != spectrum
    assert not changed[(depth > 0.01)].any()


def test_pure_noise_is_hardly_touched():
    noisy = np.random.default_rng(6).normal(50, 2, (500, 3000))
    assert np.mean(clip_spikes(noisy) != noisy) < 5e-5


def test_dead_pixels_are_bridged_by_straight_lines():
    line = np.tile(np.linspace(10, 40, 3000), (3, 1))
    dead = line.copy()
    dead[0, 100:140] = dead[1, :50] = dead[2, -1] = dead[0, 2000] = 0
    fixed = clip_spikes(dead)
    np.testing.assert_allclose(fixed[0], line[0])
    np.testing.assert_allclose(fixed[1, :50], line[1, 50])
    np.testing.assert_allclose(fixed[2, -1], line[2, -2])


@pytest.mark.parametrize(
    "prepare", [*NORMALIZERS, smooth_savgol, clip_spikes, SpectrumPreprocessor().fit_transform]
)
def test_bad_rows_are_named(flux, prepare):
    for value, word in ((np.nan, "NaN"), (np.inf, "NaN or infinite"), (0, "zero everywhere")):
        bad = flux.copy()
        bad[5] = value
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(ValueError, match=f"Row 5 .*{word}"):
                prepare(bad)
    for shape in ((2, 3, 3000), (0, 3000), ()):
        with pytest.raises(ValueError, match="shape"):
            prepare(np.ones(shape, np.float32))


def test_big_endian_and_integer_flux_are_read(flux):
    np.testing.assert_array_equal(energy_normalize(flux.astype(">f4")), energy_normalize(flux))
    assert energy_normalize(np.full(10, 7)).dtype == np.float32


@pytest.mark.parametrize("normalize", ["energy", "median", "continuum"])
def test_preprocessor_is_the_functions_one_after_another(flux, normalize):
    flux[:, 300] = 0
    flux[:, 500] += 300
    function = dict(zip(("energy", "median", "continuum"), NORMALIZERS, strict=True))[normalize]
    prepared = SpectrumPreprocessor(smooth=True, normalize=normalize).fit_transform(flux)
    np.testing.assert_allclose(prepared, function(smooth_savgol(clip_spikes(flux))), rtol=1e-5)


def test_preprocessor_in_a_pipeline(flux):
    pipeline = clone(make_pipeline(SpectrumPreprocessor(clip=False, normalize="median")))
    np.testing.assert_array_equal(pipeline.fit(flux[:9]).transform(flux), median_normalize(flux))
    with pytest.raises(ValueError, match="2999 pixels"):
        pipeline.transform(flux[:, :-1])
    with pytest.raises(ValueError, match="unknown"):
        SpectrumPreprocessor(normalize="sum").fit(flux)
