"""Sliders round the plot functions (lessons 01 to 07); no science here.

Each function returns a box of controls over a picture. A control answers when it is let go, every
control works from the keyboard (Tab to reach it, arrow keys to move it), and the picture carries
alternative text that follows the controls.
"""

from spectra_helpers.widgets.browser import browse_files
from spectra_helpers.widgets.lab_sliders import slide_alarm, slide_search
from spectra_helpers.widgets.labelling import label_spectra, read_answers
from spectra_helpers.widgets.model_sliders import (
    slide_answers,
    slide_components,
    slide_coverage,
    slide_kernel,
    slide_occlusion,
    slide_shortcut,
    slide_threshold,
)
from spectra_helpers.widgets.spectra_sliders import (
    browse_spectra,
    slide_redshift,
    slide_smoothing,
    slide_snr,
    slide_trial_redshift,
)

__all__ = [
    "browse_files",
    "browse_spectra",
    "label_spectra",
    "read_answers",
    "slide_alarm",
    "slide_answers",
    "slide_components",
    "slide_coverage",
    "slide_kernel",
    "slide_occlusion",
    "slide_redshift",
    "slide_search",
    "slide_shortcut",
    "slide_smoothing",
    "slide_snr",
    "slide_threshold",
    "slide_trial_redshift",
]
