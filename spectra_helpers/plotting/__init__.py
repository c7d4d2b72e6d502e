"""Plot functions: arrays in, `Figure` out, and the figure says in words what it shows.

Every figure of the lessons comes from here. ``fig.alt_text`` is made from the data by the plot
function: alternative text for readers who cannot see the figure.
"""

from spectra_helpers.plotting.answers import (
    plot_answers,
    plot_coverage,
    plot_votes,
)
from spectra_helpers.plotting.axes import mark_lines
from spectra_helpers.plotting.browse import (
    plot_browse,
    plot_noisy,
    plot_redshift,
    say_truth,
)
from spectra_helpers.plotting.components import (
    plot_eigenspectra,
    plot_pca,
    plot_reconstruction,
)
from spectra_helpers.plotting.features import (
    find_windows,
    plot_blocks,
    plot_importance,
    plot_line_windows,
)
from spectra_helpers.plotting.gallery import (
    plot_atlas,
    plot_gallery,
)
from spectra_helpers.plotting.instrument import (
    plot_noise_level,
    plot_zooms,
)
from spectra_helpers.plotting.network import (
    plot_kernel,
    plot_learning_curve,
    plot_network,
)
from spectra_helpers.plotting.occlusion import (
    plot_occlusion,
)
from spectra_helpers.plotting.patterns import plot_patterns
from spectra_helpers.plotting.processing import (
    plot_augmented,
    plot_normalization,
    plot_smoothing,
    plot_trade_off,
)
from spectra_helpers.plotting.repeats import (
    plot_histograms,
    plot_repeats,
)
from spectra_helpers.plotting.reuse import reuse_figure
from spectra_helpers.plotting.scores import (
    plot_confusions,
    plot_reliability,
    plot_scores,
    plot_snr_ladder,
    plot_threshold,
)
from spectra_helpers.plotting.smoothing import (
    plot_error_curves,
    plot_local_fit,
    plot_overlay,
)
from spectra_helpers.plotting.spectra import (
    plot_class_counts,
    plot_examples,
    plot_spectrum,
)
from spectra_helpers.plotting.stages import NORMALIZE, plot_stages
from spectra_helpers.plotting.style import (
    DPI,
    INK,
    LINESTYLES,
    MARKERS,
    MUTED,
    PALETTE,
    canvas_to_png,
    class_color,
    figure_to_html,
    figure_to_png,
    model_look,
    new_figure,
    png_to_html,
    read_words,
    require_picture,
    save_figure,
    set_style,
    styled,
)
from spectra_helpers.plotting.tuning import (
    plot_boundaries,
    plot_tuning,
)
from spectra_helpers.plotting.words import filmstrip, with_words

__all__ = [
    "DPI",
    "INK",
    "LINESTYLES",
    "MARKERS",
    "MUTED",
    "NORMALIZE",
    "PALETTE",
    "canvas_to_png",
    "class_color",
    "figure_to_html",
    "figure_to_png",
    "filmstrip",
    "find_windows",
    "mark_lines",
    "model_look",
    "new_figure",
    "plot_answers",
    "plot_atlas",
    "plot_augmented",
    "plot_blocks",
    "plot_boundaries",
    "plot_browse",
    "plot_class_counts",
    "plot_confusions",
    "plot_coverage",
    "plot_eigenspectra",
    "plot_error_curves",
    "plot_examples",
    "plot_gallery",
    "plot_histograms",
    "plot_importance",
    "plot_kernel",
    "plot_learning_curve",
    "plot_line_windows",
    "plot_local_fit",
    "plot_network",
    "plot_noise_level",
    "plot_noisy",
    "plot_normalization",
    "plot_occlusion",
    "plot_overlay",
    "plot_patterns",
    "plot_pca",
    "plot_reconstruction",
    "plot_redshift",
    "plot_reliability",
    "plot_repeats",
    "plot_scores",
    "plot_smoothing",
    "plot_snr_ladder",
    "plot_spectrum",
    "plot_stages",
    "plot_threshold",
    "plot_trade_off",
    "plot_tuning",
    "plot_votes",
    "plot_zooms",
    "png_to_html",
    "read_words",
    "require_picture",
    "reuse_figure",
    "save_figure",
    "say_truth",
    "set_style",
    "styled",
    "with_words",
]
