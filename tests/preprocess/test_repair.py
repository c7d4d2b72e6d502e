"""Pixels that the inverse variance knows to be bad, against straight lines."""

import numpy as np
import pytest

from spectra_helpers.preprocess import bridge_noisy


def test_pixels_far_noisier_than_their_neighbours_are_bridged_and_others_stay():
    pixel = np.arange(3000.0)
    flux = np.vstack([pixel + 7, pixel + 7, np.sin(pixel)])
    ivar = np.repeat([[0.25], [0.25], [0.0]], 3000, axis=1)  # the third is not known
    flux[:2, 1200:1210] += 500
    ivar[0, 1200:1210] = 0.25 / 5**2  # five times the noise of the others
    ivar[1, 1200:1210] = 0.25 / 3**2
    mended = bridge_noisy(flux, ivar)
    np.testing.assert_allclose(mended[0], pixel + 7)
    np.testing.assert_array_equal(mended[1:], flux[1:])
    assert flux[0, 1200] > 1600  # the input is not touched


def test_noisy_pixels_where_hardly_any_is_known_stay():
    flux, ivar = np.arange(3000.0)[None], np.zeros((1, 3000))
    ivar[0, 40:60] = 1
    ivar[0, 50] = 1e-4
    np.testing.assert_array_equal(bridge_noisy(flux, ivar), flux)
    with pytest.raises(ValueError, match=r"shape \(1, 3000\).*\(1, 2999\)"):
        bridge_noisy(flux, ivar[:, 1:])
