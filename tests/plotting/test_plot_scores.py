"""Plots of scores show every number they were given."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from plot_calls import CALLS

from spectra_helpers import plotting
from spectra_helpers.plotting import plot_repeats, plot_tuning


def test_confusions_show_every_value_and_name_the_worst():
    (matrices,) = CALLS["confusions"]
    fig = plotting.plot_confusions(matrices)
    shown = [float(text.get_text()) for text in fig.axes[1].texts]
    np.testing.assert_allclose(shown, np.ravel(matrices["SVM"]), atol=5e-4)
    assert [ax.get_title(loc="left") for ax in fig.axes[:3]] == ["forest", "SVM", "CNN"]
    assert "quasar called galaxy 14.0%" in fig.alt_text
    long = plotting.plot_confusions({"vote of SVM, CNN and template matching": np.eye(3)}).axes[0]
    assert long.get_title(loc="left") == "vote of SVM, CNN and\ntemplate matching"
    all_right = plotting.plot_confusions({"you": np.eye(3)})
    assert all_right.alt_text.endswith("star 100.0%; no mistakes.")
    no_quasar = plotting.plot_confusions({"you": np.diag([1.0, 0, 1])})
    assert "galaxy 100.0%, star 100.0%; no" in no_quasar.alt_text


def test_scores_beside_published():
    fig = plotting.plot_scores(*CALLS["scores"])
    drawn = [line.get_xdata() for line in fig.axes[0].lines]
    assert [0.97, 0.99] in [list(np.atleast_1d(x)) for x in drawn]
    assert [0.979] in [list(np.atleast_1d(x)) for x in drawn]
    assert "accuracy 0.980 (0.970 to 0.990), published 0.979" in fig.alt_text
    assert "macro F1 0.950" in fig.alt_text


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


def test_grid_shows_every_score_and_frames_the_best():
    scores = np.array([[0.5, 0.75, 0.6], [0.4, 0.3, 0.2]])
    fig = plot_tuning(scores, [1, 10], [0.01, 0.1, 1])
    ax = fig.axes[0]
    assert [text.get_text() for text in ax.texts][:3] == ["0.500", "0.750", "0.600"]
    (frame,) = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    x, y = frame.get_center()
    np.testing.assert_allclose((x, y), (1, 0), atol=1e-9)
    assert "from 0.200 to 0.750" in fig.alt_text
    assert "C = 1 and gamma = 0.1" in fig.alt_text
