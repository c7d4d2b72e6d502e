"""More training spectra: noisy and varied copies (lesson 03)."""

from spectra_helpers.augment.changes import (
    add_blue_noise,
    add_sky,
    degrade_resolution,
    draw_noise,
    mask_pixels,
    offset_arms,
    redshift_spectrum,
    tilt_spectrum,
)
from spectra_helpers.augment.copies import (
    add_noise,
    augment_class,
    augment_training_set,
    vary_spectra,
)

__all__ = [
    "add_blue_noise",
    "add_noise",
    "add_sky",
    "augment_class",
    "augment_training_set",
    "degrade_resolution",
    "draw_noise",
    "mask_pixels",
    "offset_arms",
    "redshift_spectrum",
    "tilt_spectrum",
    "vary_spectra",
]
