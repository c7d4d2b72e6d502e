"""Plot functions: arrays in, `Figure` out, and the figure says in words what it shows.

Every figure of the lessons comes from here. ``fig.alt_text`` is made from the data by the plot
function: alternative text for readers who cannot see the figure.
"""

from spectra_helpers.plotting.answers import (
    plot_answers,
    plot_boundaries,
    plot_coverage,
    plot_reliability,
    plot_threshold,
    plot_votes,
)
from spectra_helpers.plotting.axes import mark_lines
from spectra_helpers.plotting.display import (
    canvas_to_png,
    figure_to_html,
    figure_to_png,
    filmstrip,
    png_to_html,
    read_words,
    require_picture,
    save_figure,
    with_words,
)
from spectra_helpers.plotting.features import (
    find_windows,
    plot_blocks,
    plot_eigenspectra,
    plot_histograms,
    plot_importance,
    plot_line_windows,
    plot_pca,
    plot_reconstruction,
)
from spectra_helpers.plotting.figures import new_figure, reuse_figure
from spectra_helpers.plotting.galleries import (
    plot_atlas,
    plot_class_counts,
    plot_examples,
    plot_gallery,
)
from spectra_helpers.plotting.labs import plot_alarms, plot_label_noise, plot_search
from spectra_helpers.plotting.mix import plot_precision_by_share
from spectra_helpers.plotting.network import (
    plot_kernel,
    plot_learning_curve,
    plot_occlusion,
    plot_occlusions,
    plot_patterns,
)
from spectra_helpers.plotting.network_chart import plot_network
from spectra_helpers.plotting.noise import (
    plot_augmented,
    plot_noise_level,
    plot_noisy,
    plot_two_noises,
    plot_zooms,
)
from spectra_helpers.plotting.processing import (
    plot_error_curves,
    plot_local_fit,
    plot_normalization,
    plot_overlay,
    plot_smoothing,
    plot_trade_off,
)
from spectra_helpers.plotting.redshifts import plot_redshift_scan
from spectra_helpers.plotting.scores import (
    plot_confusions,
    plot_repeats,
    plot_scores,
    plot_snr_ladder,
    plot_tuning,
)
from spectra_helpers.plotting.shortcut import plot_shortcut
from spectra_helpers.plotting.spectra import (
    NORMALIZE,
    plot_browse,
    plot_redshift,
    plot_spectrum,
    plot_stages,
    say_truth,
)
from spectra_helpers.plotting.style import (
    DPI,
    INK,
    LINESTYLES,
    MARKERS,
    MUTED,
    PALETTE,
    class_color,
    model_look,
    set_style,
    styled,
)

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
    "plot_alarms",
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
    "plot_label_noise",
    "plot_learning_curve",
    "plot_line_windows",
    "plot_local_fit",
    "plot_network",
    "plot_noise_level",
    "plot_noisy",
    "plot_normalization",
    "plot_occlusion",
    "plot_occlusions",
    "plot_overlay",
    "plot_patterns",
    "plot_pca",
    "plot_precision_by_share",
    "plot_reconstruction",
    "plot_redshift",
    "plot_redshift_scan",
    "plot_reliability",
    "plot_repeats",
    "plot_scores",
    "plot_search",
    "plot_shortcut",
    "plot_smoothing",
    "plot_snr_ladder",
    "plot_spectrum",
    "plot_stages",
    "plot_threshold",
    "plot_trade_off",
    "plot_tuning",
    "plot_two_noises",
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
