"""Make figures: as wide as a page or as a still, and drawn on again where a slider moves.

Making axes and their ticks takes a slider longer than its curves do.
"""

from contextlib import contextmanager
from contextvars import ContextVar

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from spectra_helpers.plotting.style import STYLE

FRAME_WIDTH = 5.6  # inches, of a still of a slider: two beside each other fill a page
_forced_width = ContextVar("_forced_width", default=None)
_waiting = ContextVar("a figure that may be drawn on again", default=None)


def new_figure(nrows=1, ncols=1, figsize=(9, 3.6), **options):
    """Make a figure and its axes; `options` go to `Figure.subplots`.

    ``nrows`` may be a mosaic like ``"ab;ac"`` of `Figure.subplot_mosaic`: axes that span others.

    Where there is something to show figures on, a notebook or a window, pyplot knows the figure and
    ``plt.show()`` shows it. Elsewhere pyplot does not hold it, so that a program that draws a
    thousand figures keeps none of them in memory.
    """
    figsize = (_forced_width.get() or figsize[0], figsize[1])
    shape = (nrows, ncols, figsize, sorted(options.items()))
    fig, axes = take_figure(shape) or _make_figure(shape)
    for ax in np.ravel(axes):
        ax.tick_params(labelsize=STYLE["xtick.labelsize"])  # ticks are made late, outside `styled`
        ax.yaxis.get_offset_text().set_ha("right")  # a factor 1e-17 stays beside the title
    return fig, axes


@contextmanager
def as_stills():
    """Make all figures as wide as a still, so that labels find their places for that width."""
    token = _forced_width.set(FRAME_WIDTH)
    try:
        yield
    finally:
        _forced_width.reset(token)


def _make_figure(shape):
    nrows, ncols, figsize, options = shape
    create = Figure if matplotlib.get_backend().lower() == "agg" else plt.figure
    fig = create(figsize=figsize, layout="constrained")
    if isinstance(nrows, str):
        axes = np.array(list(fig.subplot_mosaic(nrows, **dict(options)).values()))
    else:
        axes = fig.subplots(nrows, ncols, **dict(options))
    fig.made_with, fig.made_axes = shape, axes
    return fig, axes


@contextmanager
def reuse_figure(fig):
    """Let the next `new_figure` of the same shape give out `fig`, emptied, instead of a new one.

    Parameters
    ----------
    fig : matplotlib.figure.Figure or None
        Made by `new_figure`, shown, and no longer needed. A figure with more on it than its axes (a
        colour bar, a title over all) is left alone.
    """
    token = _waiting.set(fig)
    try:
        yield
    finally:
        _waiting.reset(token)


def take_figure(shape):
    """Return the waiting figure, emptied, and its axes, if it was made with this shape."""
    fig = _waiting.get()
    if fig is None or getattr(fig, "made_with", None) != shape:
        return None
    _waiting.set(None)  # given out once: who asks for two figures gets two
    if len(fig.axes) != np.size(fig.made_axes) or fig.get_suptitle() or fig.get_supxlabel():
        return None
    for artist in [*fig.legends, *fig.texts]:
        artist.remove()
    for ax in fig.axes:
        _empty(ax)
    fig.set_layout_engine("constrained")
    fig.alt_text = ""
    return fig, fig.made_axes


def _empty(ax):
    """Clear axes but for their ticks, which `Axes.clear` would throw away and make anew."""
    for axis in (ax.xaxis, ax.yaxis):
        axis.reset_ticks = _do_nothing
    ax.clear()
    ax.dataLim.set(Bbox.null())  # else old limits count where the first artist sets no new ones
    for axis in (ax.xaxis, ax.yaxis):
        del axis.reset_ticks  # the method of the class again
    place = ax.get_subplotspec()
    siblings = ax.get_shared_x_axes().get_siblings(ax), ax.get_shared_y_axes().get_siblings(ax)
    ax.tick_params(
        labelbottom=len(siblings[0]) == 1 or place.is_last_row(),
        labelleft=len(siblings[1]) == 1 or place.is_first_col(),
    )


def _do_nothing():
    pass
