"""Plot functions: arrays in, `Figure` out, and a `describe_` function that says the same in words.

Every figure of the lessons comes from here. ``describe_x`` takes the same arguments as ``plot_x``
and returns one sentence made from the data: alternative text for readers who cannot see the figure.
"""

from spectra_helpers.plotting.components import (
    describe_eigenspectra,
    describe_pca,
    describe_reconstruction,
    plot_eigenspectra,
    plot_pca,
    plot_reconstruction,
)
from spectra_helpers.plotting.features import (
    describe_importance,
    describe_line_windows,
    find_windows,
    plot_importance,
    plot_line_windows,
)
from spectra_helpers.plotting.processing import (
    describe_augmented,
    describe_normalization,
    describe_smoothing,
    describe_trade_off,
    plot_augmented,
    plot_normalization,
    plot_smoothing,
    plot_trade_off,
)
from spectra_helpers.plotting.spectra import (
    describe_class_counts,
    describe_examples,
    describe_spectrum,
    mark_lines,
    plot_class_counts,
    plot_examples,
    plot_spectrum,
)
from spectra_helpers.plotting.style import (
    DPI,
    LINESTYLES,
    MARKERS,
    PALETTE,
    class_color,
    figure_to_html,
    figure_to_png,
    name_class,
    save_figure,
    set_style,
)

__all__ = [
    "DPI",
    "LINESTYLES",
    "MARKERS",
    "PALETTE",
    "class_color",
    "describe_augmented",
    "describe_class_counts",
    "describe_eigenspectra",
    "describe_examples",
    "describe_importance",
    "describe_line_windows",
    "describe_normalization",
    "describe_pca",
    "describe_reconstruction",
    "describe_smoothing",
    "describe_spectrum",
    "describe_trade_off",
    "figure_to_html",
    "figure_to_png",
    "find_windows",
    "mark_lines",
    "name_class",
    "plot_augmented",
    "plot_class_counts",
    "plot_eigenspectra",
    "plot_examples",
    "plot_importance",
    "plot_line_windows",
    "plot_normalization",
    "plot_pca",
    "plot_reconstruction",
    "plot_smoothing",
    "plot_spectrum",
    "plot_trade_off",
    "save_figure",
    "set_style",
]
