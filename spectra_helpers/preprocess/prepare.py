"""The step that every model begins with: repair, smooth, normalize (lesson 02)."""

import numpy as np

from spectra_helpers.preprocess.normalize import (
    continuum_normalize,
    energy_normalize,
    median_normalize,
)
from spectra_helpers.preprocess.repair import clip_spikes
from spectra_helpers.preprocess.rows import SpectrumStep, each_spectrum
from spectra_helpers.preprocess.smooth import smooth_savgol

NORMALIZERS = {
    "energy": energy_normalize,
    "median": median_normalize,
    "continuum": continuum_normalize,
}


def check_training_labels(y):
    """Raise a ValueError on labels that no classifier can learn from.

    Parameters
    ----------
    y : array of int, shape (n_spectra,)
        At least two classes, and no -1 (not known).
    """
    known = np.unique(y)
    if known[0] < 0:
        raise ValueError("Some spectra have no label (-1): leave them out, or label them.")
    if len(known) < 2:
        raise ValueError(
            f"All spectra are of one class (label {known[0]}): give spectra of at least two."
        )


class SpectrumPreprocessor(SpectrumStep):
    """Repair, smooth and scale spectra inside a scikit-learn pipeline.

    Parameters
    ----------
    clip : bool
        Bridge dead pixels and replace spikes (`clip_spikes`).
    smooth : bool
        Savitzky-Golay with the recipe's window 10, order 3 (`smooth_savgol`).
    normalize : {"energy", "median", "continuum"}
        What each spectrum is divided by.

    Notes
    -----
    Every row is treated by itself, so nothing is learned from the training rows and nothing can
    leak from the test rows. Taught in lesson 02, used in every model.
    """

    def __init__(self, clip=True, smooth=False, normalize="energy"):
        self.clip = clip
        self.smooth = smooth
        self.normalize = normalize

    def fit(self, X, y=None):
        """Remember the number of pixels.

        ValueError on bad rows or an unknown `normalize`; and, since every model begins with this
        step, on labels no classifier can learn from.
        """
        if self.normalize not in NORMALIZERS:
            raise ValueError(
                f"normalize={self.normalize!r} is unknown. Choose one of: {', '.join(NORMALIZERS)}."
            )
        if y is not None:
            check_training_labels(y)
        return super().fit(X)  # refuses bad spectra, keeps the number of pixels, and nothing else

    @each_spectrum
    def transform(self, X):
        """Return the prepared spectra, shape (n_spectra, n_pixels)."""
        if self.clip:
            X = clip_spikes(X)
        if self.smooth:
            X = smooth_savgol(X, window=10, polyorder=3)
        return NORMALIZERS[self.normalize](X)
