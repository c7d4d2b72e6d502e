"""The decorators that check flux and work through it in chunks."""

import threading

import numpy as np
import pytest

from spectra_helpers.augment import add_noise, offset_arms, redshift_spectrum
from spectra_helpers.data import WAVELENGTH
from spectra_helpers.features import SpectrumFeatures
from spectra_helpers.preprocess import (
    SpectrumPreprocessor,
    all_spectra,
    clip_spikes,
    each_spectrum,
    energy_normalize,
)
from spectra_helpers.preprocess.rows import ROWS_AT_ONCE


@each_spectrum("factor")
def multiply(flux, factor):
    """Multiply."""
    assert flux.dtype == factor.dtype == np.float64
    assert factor.shape == (len(flux), 1)
    assert len(flux) <= ROWS_AT_ONCE
    flux *= factor  # a chunk is a copy: who is called may write to it
    return flux


@pytest.fixture
def flux():
    return np.random.default_rng(1).normal(5, 1, (3 * ROWS_AT_ONCE + 5, 30)).astype(np.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_chunks_get_their_own_values_and_the_input_is_kept(flux, dtype):
    flux = flux.astype(dtype)
    before, factor = flux.copy(), np.arange(1, len(flux) + 1)
    result = multiply(flux, factor)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, before * factor[:, None].astype(dtype))
    np.testing.assert_array_equal(multiply(flux, factor=2), 2 * before)
    np.testing.assert_array_equal(multiply(flux[7], 3), 3 * before[7])
    np.testing.assert_array_equal(flux, before)
    assert multiply.__name__ == "multiply"


def test_values_that_are_not_one_a_spectrum_are_refused(flux):
    with pytest.raises(ValueError, match=f"factor has 4 values for {len(flux)} spectra: give one"):
        multiply(flux, np.ones(4))
    with pytest.raises(ValueError, match="dz has 2 values for 3 spectra"):
        redshift_spectrum(np.ones((3, 3000)), [0.1, 0.2])


def test_a_result_may_have_another_width(flux):
    @each_spectrum
    def find_ends(flux):
        return flux[:, [0, -1]]

    np.testing.assert_array_equal(find_ends(flux), flux[:, [0, -1]])
    np.testing.assert_array_equal(find_ends(flux[3]), flux[3, [0, -1]])


def test_all_spectra_come_at_once_and_cannot_be_written_to(flux):
    @all_spectra
    def spoil(flux):
        assert flux.dtype == np.float32
        flux[0] = 0

    with pytest.raises(ValueError, match="read-only"):
        spoil(flux)
    noisy = add_noise(flux, 10, 0)
    assert noisy.dtype == np.float32
    np.testing.assert_array_equal(noisy[:40], add_noise(flux[:40], 10, 0))


def test_wavelengths_and_flux_go_together():
    for change in (redshift_spectrum, offset_arms):
        with pytest.raises(ValueError, match="1200 pixels, but 3000 are needed"):
            change(np.ones((2, 1200)), 0.1)
    assert redshift_spectrum(np.ones(1200), 0.1, WAVELENGTH[:1200]).shape == (1200,)


def test_a_step_inside_a_step_still_asks_for_its_grid():
    with pytest.raises(ValueError, match="1200 pixels, but 3000 are needed"):
        SpectrumFeatures().fit_transform(np.ones((2, 1200)))


def test_an_error_inside_leaves_the_checks_on(flux):
    with pytest.raises(ValueError, match="does not fit"):
        SpectrumPreprocessor(smooth=True).fit_transform(flux[:, :5])
    with pytest.raises(ValueError, match="Row 0 holds NaN"):
        energy_normalize(np.full(9, np.nan))


def test_threads_of_a_user_do_not_disturb_each_other(flux):
    expected, found = clip_spikes(flux), {}
    threads = [
        threading.Thread(target=lambda i=i: found.update({i: clip_spikes(flux)})) for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i in range(4):
        np.testing.assert_array_equal(found[i], expected)


def test_a_step_that_is_not_fitted_says_so(flux):
    with pytest.raises(ValueError, match="not fitted"):
        SpectrumPreprocessor().transform(flux)
