"""What a figure says in words, and how a notebook shows the picture with them.

JupyterLab shows no alternative text for a PNG output, while the ``<img>`` of an HTML output keeps
its own in JupyterLab, on pages that Sphinx makes of a notebook and on GitHub. The text form is what
a terminal shows. There is one copy of the picture only: committed lessons stay small.
"""

import html
from functools import partial

from spectra_helpers.plotting.style import (
    DPI,
    FRAME_WIDTH,
    as_stills,
    figure_to_html,
    figure_to_png,
    png_to_html,
    read_words,
)


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


def display_figure(fig):
    """Show a figure with its words in a notebook, and close it: it is not shown a second time."""
    from IPython.display import display  # whoever plots outside a notebook does not need it

    bundle = {"text/html": figure_to_html(fig), "text/plain": f"Figure. {read_words(fig)}"}
    display(bundle, raw=True)


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
