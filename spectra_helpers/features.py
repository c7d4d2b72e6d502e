"""Numbers that describe a spectrum: line fluxes and block statistics (lesson 04).

The third kind, principal components, is scikit-learn's ``PCA``.
"""

import numpy as np

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.lines import RECIPE_LINES, get_line, vacuum_to_air
from spectra_helpers.preprocess import SpectrumStep, each_spectrum

STATISTICS = ("mean", "variance", "max", "min")
POSITIONS = ("argmax", "argmin")


@each_spectrum("redshift")
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
    means = []
    for name in lines:
        rest = get_line(name).wavelength
        center = (1 + redshift) * (vacuum_to_air(rest) if air else rest)
        inside = np.abs(wavelength - center) <= half_width
        light = np.sum(flux, axis=1, where=inside)
        with np.errstate(invalid="ignore"):  # a window without a pixel: NaN
            means.append(light / np.sum(inside, axis=1))
    return np.stack(means, axis=1)


@each_spectrum
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
    if not 1 <= n_blocks <= flux.shape[1]:
        raise ValueError(
            f"{n_blocks} blocks do not fit {flux.shape[1]} pixels: choose 1 to {flux.shape[1]}."
        )
    blocks = np.array_split(flux, n_blocks, axis=1)
    kinds = (np.mean, np.var, np.max, np.min)
    columns = [kind(block, axis=1) for kind in kinds for block in blocks]
    if positions:
        first = np.cumsum([0] + [block.shape[1] for block in blocks[:-1]])
        for kind in (np.argmax, np.argmin):
            columns += [kind(block, axis=1) + f for block, f in zip(blocks, first, strict=True)]
    return np.stack(columns, axis=1)


class LineFluxes(SpectrumStep):
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

    @each_spectrum
    def transform(self, X):
        """Return the mean flux in the windows, shape (n_spectra, n_lines)."""
        return measure_lines(X, lines=self.lines, half_width=self.half_width, air=self.air)

    def get_feature_names_out(self, input_features=None):
        """Return the names of the lines."""
        return np.array(self.lines, dtype=object)


class BlockStatistics(SpectrumStep):
    """`block_statistics` as a step of a pipeline.

    Parameters
    ----------
    n_blocks : int
    positions : bool
    """

    def __init__(self, n_blocks=100, positions=False):
        self.n_blocks = n_blocks
        self.positions = positions

    @each_spectrum
    def transform(self, X):
        """Return the statistics, shape (n_spectra, n_features)."""
        return block_statistics(X, self.n_blocks, self.positions)

    def get_feature_names_out(self, input_features=None):
        """Return names such as ``mean_0`` and ``variance_99``."""
        kinds = STATISTICS + (POSITIONS if self.positions else ())
        return np.array([f"{k}_{i}" for k in kinds for i in range(self.n_blocks)], dtype=object)


class SpectrumFeatures(SpectrumStep):
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

    @each_spectrum
    def transform(self, X):
        """Return the features, shape (n_spectra, n_features)."""
        lines = measure_lines(X, half_width=self.half_width, air=self.air)
        return np.hstack([lines, block_statistics(X, self.n_blocks, self.positions)])

    def get_feature_names_out(self, input_features=None):
        """Return the names of the lines, then of the block statistics."""
        blocks = BlockStatistics(self.n_blocks, self.positions).get_feature_names_out()
        return np.concatenate([LineFluxes().get_feature_names_out(), blocks])
