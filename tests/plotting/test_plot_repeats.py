"""Plots of repeated scores, histograms and blocks show the numbers they were given."""

import numpy as np
import pytest

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.features import block_statistics
from spectra_helpers.plotting import (
    plot_blocks,
    plot_histograms,
    plot_repeats,
)


def test_repeats_show_mean_and_spread_and_join_one_repeat():
    scores = {"forest": {"copy\nfirst": [0.9, 0.94], "split\nfirst": [0.8, 0.86]}}
    fig = plot_repeats(scores)
    (ax,) = fig.axes
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [0.94, 0.86])
    assert [text.get_text() for text in ax.texts] == ["0.920", "0.830"]
    (bars,) = [c for c in ax.collections if hasattr(c, "get_segments")]
    low, high = bars.get_segments()[0][:, 1]
    assert high - low == pytest.approx(2 * np.std([0.9, 0.94], ddof=1))
    assert "2 repeats" in fig.alt_text
    assert "copy first 0.920 (spread 0.028)" in fig.alt_text


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
