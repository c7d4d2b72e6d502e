"""One look for every figure: colours, markers and line styles of the classes, fonts."""

import functools

import matplotlib
import matplotlib.pyplot as plt

from spectra_helpers.data import name_class

# Okabe & Ito (2008), "Color Universal Design": colours that stay apart for colour-blind readers.
PALETTE = {"galaxy": "#D55E00", "quasar": "#0072B2", "star": "#009E73"}
MARKERS = {"galaxy": "o", "quasar": "^", "star": "*"}
LINESTYLES = {"galaxy": "-", "quasar": "--", "star": ":"}
INK, MUTED, SHADE, ACCENT = "#222222", "#595959", "#E8E8E8", "#CC79A7"  # whatever is no class
FAINT = "#A6A6A6"
CURVES = (  # colour, line style, marker: each curve differs from the others in all three
    (INK, "-", "o"),
    (PALETTE["galaxy"], "--", "s"),
    (PALETTE["quasar"], "-.", "^"),
    (ACCENT, ":", "D"),
    (PALETTE["star"], (0, (3, 1, 1, 1)), "v"),
)

MODEL_LOOKS = {
    "forest": {"color": "#D98C00", "marker": "s", "linestyle": "--"},
    "svm": {"color": "#3A9AD9", "marker": "D", "linestyle": "-."},
    "cnn": {"color": "#000000", "marker": "P", "linestyle": "-"},
    "template": {"color": "#CC79A7", "marker": "v", "linestyle": ":"},
    "other": {"color": "#7F7F7F", "marker": "X", "linestyle": (0, (3, 1, 1, 1))},
}
WAVELENGTH_LABEL = "wavelength (vacuum Å)"
FLUX_LABEL = "flux (survey units)"
DPI = 100

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
