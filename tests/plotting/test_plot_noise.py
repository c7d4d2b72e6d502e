"""Plots of what the instrument leaves: the right stretch in each panel, the right words."""

import numpy as np

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.plotting import plot_noise_level, plot_zooms


def test_each_panel_holds_its_stretch_and_its_spike():
    flux = np.ones(3000)
    flux[1000] = 50.0
    zooms = {"spike": (flux, 5500, 5700), "quiet": (flux, 7000, 7100)}
    fig = plot_zooms(WAVELENGTH, zooms)
    spike, quiet, unused = fig.axes
    assert not unused.get_visible()
    for ax, (_, low, high) in zip((spike, quiet), zooms.values(), strict=True):
        x = ax.lines[0].get_xdata()
        assert low <= x.min() < x.max() <= high
        assert len(x) == np.sum((low <= WAVELENGTH) & (high >= WAVELENGTH))
    assert spike.get_ylim()[1] > 50 > 2 > quiet.get_ylim()[1]
    assert "spike, 5500 to 5700 Å, flux (survey units) 1 to 50" in fig.alt_text


def test_noise_level_names_its_extremes():
    wavelength, level = np.array([4000.0, 6000.0, 8000.0]), np.array([0.2, 0.05, 0.03])
    fig = plot_noise_level(wavelength, level)
    np.testing.assert_array_equal(fig.axes[0].lines[-1].get_ydata(), level)
    assert "20.0% at 4000 Å" in fig.alt_text
    assert "3.0% at 8000 Å" in fig.alt_text
