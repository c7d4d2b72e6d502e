"""What models say of a spectrum, and how right they are when they may refuse to answer."""

import numpy as np
from plot_calls import CALLS, draw

from spectra_helpers import plotting
from spectra_helpers.data import CLASSES, WAVELENGTH
from spectra_helpers.plotting import (
    plot_answers,
    plot_boundaries,
    plot_coverage,
    plot_reliability,
    plot_votes,
)

Y = np.array([0, 1, 2, 2])
PROBA = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.0, 0.2, 0.8], [0.1, 0.2, 0.7]])


class HalfPlane:
    """Calls everything with a positive first feature a star, the rest a galaxy."""

    def predict(self, X):
        return np.where(X[:, 0] > 0, 2, 0)


def test_plane_is_coloured_by_what_the_model_predicts():
    points = np.array([[-1.0, 0.0], [1.0, 5.0], [-1.0, 5.0], [1.0, 0.0]])
    label = np.array([0, 2, 1, 2])
    fig = plot_boundaries({"half": HalfPlane()}, points, label)
    ax = fig.axes[0]
    called = ax.images[0].get_array()
    assert set(called[:, 0]) == {0}
    assert set(called[:, -1]) == {2}
    drawn = {line.get_label(): line.get_xydata() for line in ax.lines}
    np.testing.assert_allclose(drawn["quasar"], [[-1, 5]])
    assert "50% galaxy, 0% quasar, 50% star" in fig.alt_text
    assert "75.0% of the points right" in fig.alt_text


def test_nothing_called_has_no_precision():
    y, proba, _ = CALLS["threshold"]
    fig = plotting.plot_threshold(y, proba, 1.0)
    draw(fig)
    assert "nothing is called" in fig.alt_text


def test_bars_are_as_long_as_the_probabilities_and_end_at_one():
    answers = {"SVM": PROBA[0], "CNN": PROBA[1]}
    fig = plot_answers(WAVELENGTH, np.ones(3000), answers, "galaxy", "SNR 5")
    right = fig.axes[1]
    lengths = {bars.get_label(): [bar.get_width() for bar in bars] for bars in right.containers}
    for i, name in enumerate(CLASSES):
        np.testing.assert_allclose(lengths[name], PROBA[:2, i])
    np.testing.assert_allclose([bar.get_x() + bar.get_width() for bar in right.containers[-1]], 1)
    assert "SVM says galaxy with probability 0.90" in fig.alt_text


def test_curve_ends_where_all_is_answered_and_marks_the_threshold():
    fig = plot_coverage(Y, {"CNN": PROBA}, 0.65)
    curve, point = (line.get_xydata() for line in fig.axes[0].lines)
    np.testing.assert_allclose(curve[-1], (1, 0.75))
    np.testing.assert_allclose(point, [(0.75, 1)])
    assert "0.750 when it answers all, 1.000 (0.439 to 1.000) at 75.0%" in fig.alt_text
    (bar,) = fig.axes[0].collections[0].get_segments()
    np.testing.assert_allclose(bar, [(0.75, 0.438503), (0.75, 1)], rtol=1e-5)  # Wilson, 3 of 3
    assert "no answer" in plot_coverage(Y, {"CNN": PROBA}, 0.99).alt_text


def test_votes_show_the_true_class_of_what_some_model_gets_wrong():
    other = PROBA[:, [0, 1, 2]].copy()
    other[3] = (0.5, 0.1, 0.4)  # PROBA is wrong in row 1, this one in rows 1 and 3
    fig = plot_votes(Y, {"SVM": PROBA, "vote": other})
    ax = fig.axes[0]
    dots = {line.get_label(): line.get_xdata() for line in ax.lines[:2]}
    np.testing.assert_allclose(dots["SVM"], (0.4, 0.7))
    np.testing.assert_allclose(dots["vote"], (0.4, 0.4))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["quasar", "star"]
    assert "2 test spectra" in fig.alt_text
    assert "SVM 1, vote 0" in fig.alt_text


def test_votes_without_a_mistake_draw_an_empty_figure():
    right = np.eye(3)[Y]
    fig = plot_votes(Y, {"SVM": right})
    assert len(fig.axes[0].lines[0].get_xdata()) == 0
    assert "for 0 test spectra" in fig.alt_text


def test_reliability_has_a_bar_for_each_group():
    curve, ends = (np.array([0.6, 0.9]), np.array([0.5, 1])), ([0.2, 0.8], [0.7, 1])
    fig = plot_reliability({"CNN": curve}, {"CNN": ends})
    bars = fig.axes[0].collections[0].get_segments()
    np.testing.assert_allclose(bars, [[(0.6, 0.2), (0.6, 0.7)], [(0.9, 0.8), (0.9, 1)]])
    assert "0.50 (0.20 to 0.70) right at confidence 0.60" in fig.alt_text
    assert "0.50 right at confidence 0.60" in plot_reliability({"CNN": curve}).alt_text
