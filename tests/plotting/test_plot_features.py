"""Plots of features: windows, blocks, components and histograms show the numbers they hold."""

import numpy as np
import pytest
from plot_calls import CALLS, HALPHA, SURVEY, Z, draw

from spectra_helpers import plotting
from spectra_helpers.data import CLASSES, WAVELENGTH
from spectra_helpers.features import block_statistics
from spectra_helpers.plotting import plot_blocks, plot_histograms


def test_line_windows_at_rest_and_observed_in_air_and_vacuum():
    windows = plotting.find_windows("Hα", Z)
    assert np.mean(windows["rest, vacuum"]) == pytest.approx(6564.61, abs=0.02)
    assert np.mean(windows["rest, air"]) == pytest.approx(6562.81, abs=0.02)
    assert np.mean(windows["observed, vacuum"]) == pytest.approx(6564.61 * 1.05, abs=0.02)
    assert np.ptp(windows["observed, air"]) == pytest.approx(6)
    fig = plotting.plot_line_windows(WAVELENGTH, SURVEY.flux[0], "Hα", Z)
    assert fig.axes[1].patches[0].get_x() == pytest.approx(HALPHA * 1.05 - 3, abs=0.02)
    inside = np.abs(WAVELENGTH - HALPHA * 1.05) <= 3
    assert f"observed, vacuum {SURVEY.flux[0][inside].mean():.3g}" in fig.alt_text
    fig = plotting.plot_line_windows(WAVELENGTH, SURVEY.flux[0], "Hα", 3.0)
    draw(fig)
    assert "no pixel" in fig.alt_text


def test_blocks_show_the_statistics_of_each_block():
    flux = np.where(WAVELENGTH < 5000, 1.0, 3.0)
    flux[2000] = 9.0
    fig = plot_blocks(WAVELENGTH, flux, 10)
    shown = {patch.get_label(): patch.get_data() for patch in fig.axes[0].patches}
    mean, _, high, low = block_statistics(flux, 10).reshape(4, 10)
    np.testing.assert_allclose(shown["mean"].values, mean)
    np.testing.assert_allclose(shown["minimum to maximum"].values, high)
    np.testing.assert_allclose(shown["minimum to maximum"].baseline, low)
    block = np.argmax(high)
    middle = np.array_split(WAVELENGTH, 10)[block].mean()
    assert f"mean is highest near {middle:.0f}" in fig.alt_text


def test_histograms_count_every_finite_value():
    values = {"rest": np.array([0.0, 1.0, 1.0, np.nan]), "observed": np.array([2.0, 4.0])}
    fig = plot_histograms(values, "ratio", reference=1.0, bins=4)
    top = sorted(patch.get_xy()[:, 1].max() for patch in fig.axes[0].patches)
    assert top == [1, 2]
    assert "rest, median 1," in fig.alt_text


def test_description_of_histograms_leaves_out_what_the_plot_leaves_out():
    values = {"rest": np.array([0.0, 1.0, 2.0, np.inf, -np.inf]), "none": np.array([np.nan])}
    fig = plot_histograms(values, "ratio")
    assert sum(patch.get_xy()[:, 1].max() for patch in fig.axes[0].patches) == 1
    assert "rest, median 1, 90 % between 0.1 and 1.9; none, no finite value." in fig.alt_text


@pytest.mark.parametrize("n", [0, 5])
def test_histograms_of_too_many_samples_are_refused(n):
    values = {f"sample {i}": np.arange(9) for i in range(n)}
    with pytest.raises(ValueError, match=f"1 to 4 samples, not of {n}"):
        plot_histograms(values, "ratio")


def test_pca_panels():
    values, label, explained = CALLS["pca"]
    fig = plotting.plot_pca(values, label, explained)
    left, middle, right = fig.axes
    np.testing.assert_allclose(left.lines[0].get_ydata(), [0.6, 0.8, 0.9, 0.95])
    points = np.concatenate([np.column_stack(line.get_data()) for line in middle.lines])
    assert sorted(map(tuple, points)) == sorted(map(tuple, values[:, :2]))
    by_name = {line.get_label(): line for line in middle.lines}
    for name in CLASSES:
        assert by_name[name].get_marker() == plotting.MARKERS[name]
        assert by_name[name].get_color() == plotting.PALETTE[name]
    assert len(right.patches) == 3
    assert "60% with one component and 95.0% with 4" in fig.alt_text


def test_reconstruction_says_what_is_missing():
    flux = SURVEY.flux[0]
    mean = np.full(3000, flux.mean())
    fig = plotting.plot_reconstruction(WAVELENGTH, flux, {1: mean, 5: flux}, 0)
    titles = [ax.get_title(loc="left") for ax in fig.axes]
    assert titles[0].startswith("1 component: 100%")
    assert titles[1].startswith("5 components: 0%")


def test_rebuilt_spectrum_stays_inside_its_panel():
    flux = SURVEY.flux[0]
    below = flux - 2 * flux.max()
    (ax,) = plotting.plot_reconstruction(WAVELENGTH, flux, {1: below}, 0).axes
    low, high = ax.get_ylim()
    assert low < below.min()
    assert high > np.percentile(flux, 99)
