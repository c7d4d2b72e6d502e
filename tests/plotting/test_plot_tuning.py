"""Planes and grids of settings show what the models and scores say."""

import numpy as np
from matplotlib.patches import Rectangle

from spectra_helpers.plotting import (
    plot_boundaries,
    plot_tuning,
)


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
