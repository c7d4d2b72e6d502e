"""Draw one picture after another with the axes in the same place (lessons 01 to 07).

Finding room for titles and labels takes longer than drawing. Pictures of one widget differ little,
so the room is found once, and again only where something no longer fits: a slider answers sooner,
and the axes do not jump while it moves.
"""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from spectra_helpers.plotting.style import canvas_to_png

SIDE = 3  # pixels; the room between two digits is less: none is cut off without a trace


class SteadyLayout:
    """The places of the axes of one widget's pictures; they only ever shrink."""

    def __init__(self):
        self.places, self.texts = [], []

    def draw_png(self, fig, description):
        """Return the figure as PNG bytes with `description` inside, and close it.

        Parameters
        ----------
        fig : matplotlib.figure.Figure
            With a layout engine, as `plotting.style.new_figure` makes it.
        description : str
            What the figure shows, in words.

        Returns
        -------
        bytes
        """
        engine, canvas = fig.get_layout_engine(), FigureCanvasAgg(fig)
        fig.set_layout_engine("none")  # else it would look for room at every drawing
        if (len(self.places), len(self.texts)) != (len(fig.axes), len(fig.texts)):
            self.places = [Bbox.unit() for _ in fig.axes]
            self._find_room(fig, engine)
        self._draw(fig)
        if not _has_room(fig):
            self._find_room(fig, engine)
            self._draw(fig)
        return canvas_to_png(canvas, description)

    def _find_room(self, fig, engine):
        engine.execute(fig)
        found = [ax.get_position() for ax in fig.axes]
        self.places = [Bbox.intersection(*pair) for pair in zip(self.places, found, strict=True)]
        self.texts = [text.get_position() for text in fig.texts]

    def _draw(self, fig):
        for ax, place in zip(fig.axes, self.places, strict=True):
            ax.set_position(place)
            ax.set_in_layout(True)  # its labels count when room is found the next time
        for text, place in zip(fig.texts, self.texts, strict=True):
            text.set_position(place)
        fig.canvas.draw()


def _has_room(fig):
    """Tell whether nothing touches the edge of the drawn figure, nor the words that are its own.

    Asking the picture is a hundred times faster than asking every label for its place.
    """
    picture = np.asarray(fig.canvas.buffer_rgba())[..., :3]
    ink = (picture != picture[0, 0]).any(axis=2)
    words = np.zeros_like(ink)
    for text in fig.texts:
        box = text.get_window_extent()
        top, bottom = len(ink) - int(box.y1), len(ink) - int(box.y0)
        words[top - 3 : bottom + 3, int(box.x0) - 3 : int(box.x1) + 3] = True
        ink[top - 1 : bottom + 1, int(box.x0) - 1 : int(box.x1) + 1] = False
    words[0], words[-1], words[:, :SIDE], words[:, -SIDE:] = True, True, True, True
    return not (ink & words).any()
