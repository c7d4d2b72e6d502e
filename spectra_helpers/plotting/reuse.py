"""Draw on a figure again: making axes and their ticks takes a slider longer than its curves do."""

from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
from matplotlib.transforms import Bbox

_waiting = ContextVar("a figure that may be drawn on again", default=None)


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
