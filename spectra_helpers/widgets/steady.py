"""Draw one picture after another with the axes in the same place (lessons 01 to 07).

Finding room for titles and labels takes longer than drawing. Pictures of one widget differ little,
so the room is found once, and again only where something no longer fits: a slider answers sooner,
and the axes do not jump while it moves.
"""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from spectra_helpers.plotting.style import canvas_to_png


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
    """Tell whether titles and labels are inside the figure, to a pixel, and off its own words."""
    needed = [ax.get_tightbbox() for ax in fig.axes]
    whole = Bbox.union(needed)
    width, height = fig.get_size_inches() * fig.dpi + 1
    inside = whole.x0 > -1 and whole.y0 > -1 and whole.x1 < width and whole.y1 < height
    words = [text.get_window_extent() for text in fig.texts]
    return inside and not any(box.count_overlaps(words) for box in needed)
