"""Plots of the labs draw what they were given, and say it."""

import numpy as np
import pytest
from plot_calls import CALLS

from spectra_helpers.plotting import plot_alarms, plot_label_noise, plot_search


def test_label_noise_has_a_panel_for_each_kind_of_mistake_and_a_line_for_each_model():
    rates, scores = CALLS["label_noise"]
    fig = plot_label_noise(rates, scores, {kind: {"SVM": [(0.4, 0.6)] * 3} for kind in scores})
    for ax, models in zip(fig.axes, scores.values(), strict=True):
        np.testing.assert_allclose(ax.lines[0].get_xdata(), [0, 10, 20])
        assert ax.lines[0].get_ydata().tolist() == models["SVM"]
        assert len(ax.collections) == 1
    assert "at the border: SVM 0.900 to 0.500" in fig.alt_text


def test_search_counts():
    wrong = np.array([True, False, True, False, False, False, False, False, False, False])
    fig = plot_search({"at random": wrong}, 3)
    np.testing.assert_allclose(fig.axes[0].lines[0].get_ydata(), [0.5, 0.5, *[1] * 8])
    assert fig.axes[0].get_xlim() == (0, 10)
    assert "looked at, of 10." in fig.alt_text
    assert fig.axes[0].get_title(loc="left").endswith("among the first 3: at random 2")
    assert "after 3 spectra 100% found, 67% of what was looked at" in fig.alt_text
    assert "at random: after 1 spectra 50% found." in plot_search({"at random": wrong}).alt_text


def test_search_without_wrong_labels_finds_none():
    assert "0% found" in plot_search({"at random": np.zeros(20, bool)}, 5).alt_text


@pytest.mark.parametrize("share", [None, 0.0, 0.2])
def test_alarms_are_marked_where_they_ring(share):
    alarms = {"far away": {"known": np.arange(10), "CV": np.array([4.5, 8.5, 20])}}
    fig = plot_alarms(alarms, ["CV"], share)
    dots = [line for line in fig.axes[0].lines if line.get_marker() == "o"]
    assert len(dots) == (share is not None)
    if share == 0.2:
        assert (dots[0].get_xdata()[0], dots[0].get_ydata()[0]) == (0.2, pytest.approx(2 / 3))
        assert "far away 67% at 20.0%" in fig.alt_text


def test_alarms_and_models_have_looks_of_their_own():
    fig = plot_alarms(CALLS["alarms"][0], ["CV"])
    cnn, far = fig.axes[0].lines[1], fig.axes[0].lines[0]
    assert cnn.get_color() == "#000000"
    assert far.get_color() != cnn.get_color()
