"""Precision against the share of a class."""

import numpy as np
from plot_calls import draw

from spectra_helpers.plotting import plot_precision_by_share


def test_marks_stand_on_the_curve_and_are_told():
    share = np.linspace(0.01, 0.5, 50)
    precision = share / (share + 0.1)
    fig = plot_precision_by_share(
        share, precision, precision - 0.1, precision + 0.1, {"here": 0.1, "there": 0.02}
    )
    draw(fig)
    points = [tuple(np.ravel(line.get_xydata())) for line in fig.axes[0].lines[1:]]
    np.testing.assert_allclose(points, [(0.1, 0.5), (0.02, 1 / 6)], rtol=1e-6)
    assert "here (10.0%) 0.50, there (2.0%) 0.17" in fig.alt_text
