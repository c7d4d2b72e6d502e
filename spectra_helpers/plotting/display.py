"""What a figure says in words, and how a notebook shows the picture with them.

JupyterLab shows no alternative text for a PNG output, while the ``<img>`` of an HTML output keeps
its own in JupyterLab, on pages that Sphinx makes of a notebook and on GitHub. The text form is what
a terminal shows. There is one copy of the picture only: committed lessons stay small.
"""

import base64
import html
import io
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from spectra_helpers.plotting.figures import FRAME_WIDTH, as_stills
from spectra_helpers.plotting.style import DPI

DESCRIPTIONS = {".png": "Description", ".svg": "Description", ".pdf": "Subject"}


def with_words(fig, text):
    """Give a figure its alternative text, with which notebooks show it from now on.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    text : str
        What the figure shows, with numbers, for readers who cannot see it.

    Returns
    -------
    matplotlib.figure.Figure
        The same figure; ``fig.alt_text`` is the text.
    """
    fig.alt_text = text
    fig._ipython_display_ = partial(display_figure, fig)  # IPython asks for this name
    return fig


def add_words(fig, text):
    """Give a figure more words, after those of what was drawn on it before."""
    return with_words(fig, f"{getattr(fig, 'alt_text', '')} {text}".strip())


def read_words(fig, alt=None):
    """Return the alternative text of a figure, or `alt` in its place.

    Raises
    ------
    ValueError
        If there is none, or nothing in it.
    """
    words = getattr(fig, "alt_text", "") if alt is None else alt
    if not words.strip():
        plt.close(fig)
        raise ValueError("A figure needs alternative text: give it some, with_words(fig, text).")
    return words


def display_figure(fig):
    """Show a figure with its words in a notebook, and close it: it is not shown a second time."""
    from IPython.display import display  # whoever plots outside a notebook does not need it

    bundle = {"text/html": figure_to_html(fig), "text/plain": f"Figure. {read_words(fig)}"}
    display(bundle, raw=True)


def figure_to_html(fig, caption="", colors=128, alt=None):
    """Return the figure as one HTML ``<figure>`` with alternative text and caption, and close it.

    The alternative text is the figure's own, or `alt` in its place.
    """
    alt = read_words(fig, alt)
    image = png_to_html(figure_to_png(fig, colors), alt)
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    return f'<figure style="margin: 0.5em 0">{image}{below}</figure>'


def png_to_html(png, alt):
    """Return PNG bytes as an HTML ``<img>`` with alternative text, never wider than the page."""
    width = int.from_bytes(png[16:20])  # PNG says its width there
    data = base64.b64encode(png).decode("ascii")
    return (
        f'<img alt="{html.escape(alt)}" width="{width}" style="max-width: 100%; height: auto" '
        f'src="data:image/png;base64,{data}">'
    )


def figure_to_png(fig, colors=128, description=""):
    """Return the figure as PNG bytes with `description` inside, and close it.

    A palette of 128 colours makes the file three times smaller with no difference to the eye, so
    that lessons committed with their figures stay small; ``colors=None`` keeps all (faster).
    """
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return canvas_to_png(canvas, description, colors)


def canvas_to_png(canvas, description="", colors=None):
    """Return what is drawn on a canvas as PNG bytes, see `figure_to_png`, and close its figure."""
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    plt.close(canvas.figure)
    notes, compression = PngInfo(), {"compress_level": 1}
    notes.add_itxt("Description", description)
    if colors is not None:
        picture, compression = picture.quantize(colors), {"optimize": True}
    buffer = io.BytesIO()
    picture.save(buffer, format="png", pnginfo=notes, **compression)
    return buffer.getvalue()


def require_picture(path):
    """Check, before anything is drawn, that `path` ends as a picture of `save_figure` does."""
    if Path(path).suffix.lower() not in DESCRIPTIONS:
        raise ValueError(f"{path} is no name of a picture: let it end in .png, .svg or .pdf.")


def save_figure(fig, path, alt=None):
    """Write the figure as PNG, SVG or PDF, and close it.

    Its alternative text, or `alt` in the place of it, is the description inside the file.
    """
    require_picture(path)
    alt = read_words(fig, alt)
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".png":
        path.write_bytes(figure_to_png(fig, description=alt))
        return
    fig.savefig(path, metadata={DESCRIPTIONS[suffix]: alt})
    plt.close(fig)


def filmstrip(plot, settings, **fixed):
    """Draw stills of a slider, for paper and for pages without a kernel.

    Parameters
    ----------
    plot : callable
        The plot function under the slider.
    settings : dict of str to dict
        What stands over each still, and the arguments of `plot` that the slider changes.
    **fixed
        Arguments of `plot` that stay the same.

    Returns
    -------
    Filmstrip
        As the last line of a cell it shows the stills side by side, on a phone below each other.

    Raises
    ------
    ValueError
        If there are no settings, or `plot` makes figures without words.
    """
    if not settings:
        raise ValueError("Stills need settings, such as {'window 7': {'window': 7}}.")
    frames = {}
    for words, values in settings.items():
        with as_stills():
            fig = plot(**fixed, **values)
        frames[words] = (figure_to_png(fig), read_words(fig))
    return Filmstrip(frames)


class Filmstrip:
    """Stills side by side; each has its own words above it and its own alternative text.

    Parameters
    ----------
    frames : dict of str to (bytes, str)
        What stands over each still; the picture as PNG, and its alternative text.
    """

    def __init__(self, frames):
        self.frames = frames

    @property
    def alt_text(self):
        """What all stills show, one a line."""
        return "\n".join(f"{words}: {alt}" for words, (_, alt) in self.frames.items())

    def to_html(self):
        """Return the stills as one HTML ``<figure>``; on a phone a column."""
        width = round(FRAME_WIDTH * DPI)
        parts = [
            f'<div style="flex: 1 1 300px; max-width: {width}px"><b>{html.escape(words)}</b><br>'
            f"{png_to_html(png, alt)}</div>"
            for words, (png, alt) in self.frames.items()
        ]
        row = f'<div style="display: flex; flex-wrap: wrap; gap: 0.5em">{"".join(parts)}</div>'
        return f'<figure style="margin: 0.5em 0">{row}</figure>'

    def _ipython_display_(self):
        from IPython.display import display

        display({"text/html": self.to_html(), "text/plain": self.alt_text}, raw=True)
