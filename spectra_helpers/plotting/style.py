"""One look for every figure: colours, markers and line styles of the classes, fonts, layout."""

import base64
import functools
import html
import io
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from spectra_helpers.data import name_class
from spectra_helpers.plotting.reuse import take_figure

# Okabe & Ito (2008), "Color Universal Design": colours that stay apart for colour-blind readers.
PALETTE = {"galaxy": "#D55E00", "quasar": "#0072B2", "star": "#009E73"}
MARKERS = {"galaxy": "o", "quasar": "^", "star": "*"}
LINESTYLES = {"galaxy": "-", "quasar": "--", "star": ":"}
INK, MUTED, SHADE, ACCENT = "#222222", "#595959", "#E8E8E8", "#CC79A7"  # whatever is no class

MODEL_LOOKS = {
    "forest": {"color": "#D98C00", "marker": "s", "linestyle": "--"},
    "svm": {"color": "#3A9AD9", "marker": "D", "linestyle": "-."},
    "cnn": {"color": "#000000", "marker": "P", "linestyle": "-"},
    "template": {"color": "#CC79A7", "marker": "v", "linestyle": ":"},
    "other": {"color": "#7F7F7F", "marker": "X", "linestyle": (0, (3, 1, 1, 1))},
}

WAVELENGTH_LABEL = "wavelength (vacuum Å)"
FLUX_LABEL = "flux (survey units)"
DESCRIPTIONS = {".png": "Description", ".svg": "Description", ".pdf": "Subject"}
DPI = 100
FRAME_WIDTH = 5.6  # inches, of a still of a slider: two beside each other fill a page
_forced_width = ContextVar("_forced_width", default=None)

# Sizes readable from the last row of a classroom at a figure width of 9 inches.
STYLE = {
    "font.size": 12,
    "axes.labelsize": 12,
    "axes.titlesize": 13,
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # else each drawing looks twice for what the title could touch
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.fontsize": 11,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.0,
    "figure.dpi": DPI,
    "figure.constrained_layout.w_pad": 0.07,
    "path.simplify_threshold": 0.3,
}


def set_style():
    """Give figures drawn from here on the look of the lessons (fonts, sizes, no upper frame)."""
    matplotlib.rcParams.update(STYLE)


def styled(plot):
    """Run a plot function with the lessons' look, without touching the user's own settings."""

    @functools.wraps(plot)
    def draw(*args, **kwargs):
        _start_backend()
        with matplotlib.rc_context(STYLE):
            return plot(*args, **kwargs)

    return draw


@functools.cache
def _start_backend():
    """Start what shows figures, once, and outside `rc_context`.

    In a notebook it switches the immediate showing of figures on. A context in which it starts
    would switch that off again at its end, and a student's own ``plt.plot`` would show nothing.
    """
    plt.switch_backend(matplotlib.get_backend())


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


def to_class_name(label):
    """Return the class name of a label (-1 to 2, or already a name), None for None."""
    return label if label is None or isinstance(label, str) else name_class(label)


def class_color(label):
    """Return the colour of a class, black where the class is not known."""
    return PALETTE.get(to_class_name(label), INK)


def model_look(name):
    """Return colour, marker and line style of a model, found by a word in its name."""
    key = next((key for key in MODEL_LOOKS if key in name.lower()), "other")
    return MODEL_LOOKS[key]


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


def figure_to_html(fig, caption="", colors=128, alt=None):
    """Return the figure as one HTML ``<figure>`` with alternative text and caption, and close it.

    The alternative text is the figure's own, or `alt` in its place.
    """
    alt = read_words(fig, alt)
    image = png_to_html(figure_to_png(fig, colors), alt)
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    return f'<figure style="margin: 0.5em 0">{image}{below}</figure>'


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


def png_to_html(png, alt):
    """Return PNG bytes as an HTML ``<img>`` with alternative text, never wider than the page."""
    width = int.from_bytes(png[16:20])  # PNG says its width there
    data = base64.b64encode(png).decode("ascii")
    return (
        f'<img alt="{html.escape(alt)}" width="{width}" style="max-width: 100%; height: auto" '
        f'src="data:image/png;base64,{data}">'
    )


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
