"""The step every model begins with: repair, smooth, normalize (lesson 02)."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from spectra_helpers.preprocess.normalize import SCALERS
from spectra_helpers.preprocess.repair import clip_rows
from spectra_helpers.preprocess.rows import apply_to_rows, check_flux
from spectra_helpers.preprocess.smooth import _smooth_even


def _smooth_recipe(rows):
    rows[...] = _smooth_even(rows, 10, 3)


def _check_labels(y):
    known = np.unique(y)
    if known[0] < 0:
        raise ValueError("Some spectra have no label (-1): leave them out, or label them.")
    if len(known) < 2:
        raise ValueError(
            f"All spectra are of one class (label {known[0]}): give spectra of at least two."
        )


class SpectrumPreprocessor(TransformerMixin, BaseEstimator):
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
        if self.normalize not in SCALERS:
            raise ValueError(
                f"normalize={self.normalize!r} is unknown. Choose one of: {', '.join(SCALERS)}."
            )
        self.n_features_in_ = check_flux(X).shape[-1]
        if y is not None:
            _check_labels(y)
        return self

    def transform(self, X):
        """Return the prepared spectra, shape (n_spectra, n_pixels)."""
        steps = [clip_rows] * self.clip + [_smooth_recipe] * self.smooth
        steps.append(SCALERS[self.normalize])
        return apply_to_rows(steps, np.atleast_2d(check_flux(X, self.n_features_in_)))
