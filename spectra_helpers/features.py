"""Numbers that describe a spectrum: line fluxes and block statistics (lesson 04).

The third kind, principal components, is scikit-learn's ``PCA``.
"""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.lines import RECIPE_LINES, air_to_vacuum, get_line
from spectra_helpers.preprocess import check_flux

STATISTICS = ("mean", "variance", "max", "min")
POSITIONS = ("argmax", "argmin")


def _find_wavelengths(lines, air):
    vacuum = np.array([get_line(name).wavelength for name in lines])
    # The refractive index changes by 1e-9 over 2 Å, so either wavelength gives it.
    return vacuum**2 / air_to_vacuum(vacuum) if air else vacuum


def measure_lines(
    flux, wavelength=WAVELENGTH, lines=RECIPE_LINES, half_width=3.0, redshift=0.0, air=False
):
    """Return the mean flux in a window round each line.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å, rising.
    lines : sequence of str
        Names from `spectra_helpers.lines`; the recipe's six unless given.
    half_width : float
        Half the width of each window, Å; the recipe uses 3.
    redshift : float or array, shape (n_spectra,)
        The windows move to (1 + z) times the rest wavelength. The recipe leaves them at rest, so
        for a galaxy at z = 0.1 its Hα window holds continuum.
    air : bool
        True puts the windows at the lines' wavelengths in air, as published, although LAMOST's
        are in vacuum: 1.8 Å off at Hα.

    Returns
    -------
    ndarray, shape (n_lines,) or (n_spectra, n_lines)
        NaN where a window holds no pixel.

    Raises
    ------
    ValueError
        Unknown line; wavelengths and flux of different length; NaN or all-zero rows.
    """
    rows = np.atleast_2d(check_flux(flux, len(wavelength)))
    center = (1 + np.reshape(redshift, (-1, 1))) * _find_wavelengths(lines, air)
    start = np.searchsorted(wavelength, center - half_width, "left")
    stop = np.searchsorted(wavelength, center + half_width, "right")
    total = np.zeros((len(rows), rows.shape[1] + 1))
    np.cumsum(rows, axis=1, dtype=np.float64, out=total[:, 1:])
    shape = (len(rows), len(lines))
    start, stop = np.broadcast_to(start, shape), np.broadcast_to(stop, shape)
    light = np.take_along_axis(total, stop, 1) - np.take_along_axis(total, start, 1)
    count = stop - start
    mean = np.where(count > 0, light / np.maximum(count, 1), np.nan).astype(rows.dtype)
    return mean.reshape((*np.shape(flux)[:-1], len(lines)))


def block_statistics(flux, n_blocks=100, positions=False):
    """Cut spectra into blocks and return mean, variance, maximum and minimum of each.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    n_blocks : int
        The recipe uses 50, 100 or 150. Lengths differ by one pixel if they must.
    positions : bool
        Add the pixel numbers of each block's maximum and minimum, as the published code does.
        They run to 3,000 beside fluxes below 1: scale before using them (lesson 05).

    Returns
    -------
    ndarray, shape (..., 4 * n_blocks) or (..., 6 * n_blocks)
        All means, then all variances, all maxima, all minima (then argmax, argmin).

    Raises
    ------
    ValueError
        More blocks than pixels, or fewer than one; NaN or all-zero rows.
    """
    rows = np.atleast_2d(check_flux(flux))
    if not 1 <= n_blocks <= rows.shape[1]:
        raise ValueError(
            f"{n_blocks} blocks do not fit {rows.shape[1]} pixels: choose 1 to {rows.shape[1]}."
        )
    blocks = np.array_split(rows, n_blocks, axis=1)
    kinds = [np.mean, np.var, np.max, np.min]
    columns = [[kind(block, axis=1) for block in blocks] for kind in kinds]
    if positions:
        first = np.cumsum([0] + [block.shape[1] for block in blocks[:-1]])
        for kind in (np.argmax, np.argmin):
            columns.append([kind(b, axis=1) + f for b, f in zip(blocks, first, strict=True)])
    result = np.concatenate([np.stack(c, axis=1) for c in columns], axis=1).astype(rows.dtype)
    return result.reshape((*np.shape(flux)[:-1], -1))


class _RowFeatures(TransformerMixin, BaseEstimator):
    """What the transformers below share: nothing is learned, only the width is remembered."""

    def fit(self, X, y=None):
        """Remember the number of pixels."""
        self.n_features_in_ = check_flux(X).shape[-1]
        return self

    def transform(self, X):
        """Return the features, shape (n_spectra, n_features)."""
        return self._measure(np.atleast_2d(check_flux(X, self.n_features_in_)))


class LineFluxes(_RowFeatures):
    """`measure_lines` at rest wavelengths, as a step of a pipeline.

    Parameters
    ----------
    lines : sequence of str
    half_width : float
        Å.
    air : bool
    """

    def __init__(self, lines=RECIPE_LINES, half_width=3.0, air=False):
        self.lines = lines
        self.half_width = half_width
        self.air = air

    def _measure(self, rows):
        return measure_lines(rows, WAVELENGTH, self.lines, self.half_width, air=self.air)

    def get_feature_names_out(self, input_features=None):
        """Return the names of the lines."""
        return np.array(self.lines, dtype=object)


class BlockStatistics(_RowFeatures):
    """`block_statistics` as a step of a pipeline.

    Parameters
    ----------
    n_blocks : int
    positions : bool
    """

    def __init__(self, n_blocks=100, positions=False):
        self.n_blocks = n_blocks
        self.positions = positions

    def _measure(self, rows):
        return block_statistics(rows, self.n_blocks, self.positions)

    def get_feature_names_out(self, input_features=None):
        """Return names such as ``mean_0`` and ``variance_99``."""
        kinds = STATISTICS + (POSITIONS if self.positions else ())
        return np.array([f"{k}_{i}" for k in kinds for i in range(self.n_blocks)], dtype=object)


class SpectrumFeatures(_RowFeatures):
    """Line fluxes and block statistics side by side: the recipe's features without PCA.

    Parameters
    ----------
    n_blocks : int
    positions : bool
    half_width : float
        Å.
    air : bool
    """

    def __init__(self, n_blocks=100, positions=False, half_width=3.0, air=False):
        self.n_blocks = n_blocks
        self.positions = positions
        self.half_width = half_width
        self.air = air

    def _parts(self):
        lines = LineFluxes(half_width=self.half_width, air=self.air)
        return lines, BlockStatistics(self.n_blocks, self.positions)

    def _measure(self, rows):
        return np.concatenate([part._measure(rows) for part in self._parts()], axis=1)

    def get_feature_names_out(self, input_features=None):
        """Return the names of the lines, then of the block statistics."""
        return np.concatenate([part.get_feature_names_out() for part in self._parts()])
