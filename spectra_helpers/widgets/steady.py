"""Draw one picture after another with the axes in the same place (lessons 01 to 07).

Finding room for titles and labels takes longer than drawing. Pictures of one widget differ little,
so the room is found once, and again only where something no longer fits: a slider answers sooner,
and the axes do not jump while it moves.
"""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from spectra_helpers.plotting import canvas_to_png, read_words, reuse_figure

SIDE = 3  # pixels; the room between two digits is less: none is cut off without a trace


class SteadyLayout:
    """The places of the axes of one widget's pictures; they only ever shrink."""

    def __init__(self):
        self.places, self.texts, self.fig = [], [], None

    def draw_png(self, plot):
        """Return what a function plots as PNG bytes, and what it shows in words.

        Parameters
        ----------
        plot : callable
            Returns a figure with words and a layout engine, as `plotting.new_figure` makes it. The
            figure is closed, and drawn on again the next time.

        Returns
        -------
        png : bytes
            The words are inside too.
        alt : str

        Raises
        ------
        ValueError
            If the figure has no words.
        """
        with reuse_figure(self.fig):
            self.fig = fig = plot()
        alt = read_words(fig)
        engine, canvas = fig.get_layout_engine(), FigureCanvasAgg(fig)
        fig.set_layout_engine("none")  # else it would look for room at every drawing
        if (len(self.places), len(self.texts)) != (len(fig.axes), len(fig.texts)):
            self.places = [Bbox.unit() for _ in fig.axes]
            self._find_room(fig, engine)
        self._draw(fig)
        if not _has_room(fig):
            self._find_room(fig, engine)
            self._draw(fig)
        return canvas_to_png(canvas, alt), alt

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
    watched = np.zeros(picture.shape[:2], bool)
    watched[0], watched[-1], watched[:, :SIDE], watched[:, -SIDE:] = True, True, True, True
    boxes = [text.get_window_extent() for text in fig.texts]
    for room, watch in ((3, True), (1, False)):  # round the words, but not the words themselves
        for box in boxes:
            top, bottom = len(picture) - int(box.y1), len(picture) - int(box.y0)
            watched[top - room : bottom + room, int(box.x0) - room : int(box.x1) + room] = watch
    return bool((picture[watched] == picture[0, 0]).all())
