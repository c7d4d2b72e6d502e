"""Plots that explain smoothing: the local fit is what SciPy does, words name the lowest point."""

import numpy as np
from plot_calls import SURVEY
from scipy.signal import savgol_filter

from spectra_helpers import plotting
from spectra_helpers.data import WAVELENGTH
from spectra_helpers.plotting import plot_error_curves, plot_local_fit, plot_overlay

FLUX = 100 + np.random.default_rng(3).standard_normal(3000)


def test_smoothing_shows_what_it_removed():
    flux = SURVEY.flux[0]
    expected = savgol_filter(flux.astype(float), 11, 3)
    fig = plotting.plot_smoothing(WAVELENGTH, flux, 11, 3)
    top, bottom = fig.axes
    inside = slice(6, -6)
    np.testing.assert_allclose(top.lines[1].get_ydata()[inside], expected[inside], rtol=1e-4)
    removed = bottom.lines[1].get_ydata()
    np.testing.assert_allclose(removed[inside], (flux - expected)[inside], atol=1e-3)
    assert f"deviation of {removed.std():.3g} survey" in fig.alt_text


def test_sharp_answers_stay_inside_their_panels():
    flux = np.ones(3000)
    flux[1500] = 9.0  # one pixel: other panels cut such a spike off
    zoom = (WAVELENGTH[1400], WAVELENGTH[1600])
    _, removed = plotting.plot_smoothing(WAVELENGTH, flux, 7, 3, zoom=zoom).axes
    answer = plotting.plot_kernel(np.array([-1.0, 2.0, -1.0]), WAVELENGTH, flux).axes[2]
    for panel, line in ((removed, removed.lines[1]), (answer, answer.lines[0])):
        low, high = panel.get_ylim()
        assert low < line.get_ydata().min() < line.get_ydata().max() < high


def test_local_fit_is_what_scipy_does_at_that_pixel():
    expected = savgol_filter(FLUX, 11, 3)[1500]
    fig = plot_local_fit(WAVELENGTH, FLUX, 1500, 11, 3)
    np.testing.assert_allclose(fig.axes[0].lines[-1].get_ydata(), expected)
    assert f"the polynomial {expected:.4g}" in fig.alt_text


def test_overlay_shows_each_version_in_the_range_only():
    dip = np.where(np.arange(3000) == 1500, 5.0, FLUX)
    versions = {"raw": dip, "smoothed": savgol_filter(FLUX, 11, 3)}
    fig = plot_overlay(WAVELENGTH, versions, (6400, 6500))
    (ax,) = fig.axes
    assert [line.get_label() for line in ax.lines] == list(versions)
    assert all(line.get_xdata().min() >= 6400 for line in ax.lines)
    assert f"raw, lowest at {WAVELENGTH[1500]:.1f} Å with 5;" in fig.alt_text


def test_error_curves_mark_and_name_their_lowest_points():
    errors = {"SNR 10": [0.7, 0.5, 0.6], "SNR 50": [0.8, 0.9, 1.2]}
    fig = plot_error_curves([5, 10, 15], errors)
    (ax,) = fig.axes
    marks = [tuple(np.ravel(line.get_xydata())) for line in ax.lines if len(line.get_xdata()) == 1]
    assert marks == [(10, 0.5), (5, 0.8)]
    assert "SNR 10 lowest at window 10 with 0.50" in fig.alt_text
