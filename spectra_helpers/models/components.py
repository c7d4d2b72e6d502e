"""Principal components made ready for a classifier: of spectra, and of patterns of lines.

A redshift multiplies every wavelength, so it shifts a spectrum along the logarithm of wavelength;
and the modulus of a Fourier transform does not change under a shift. What is left, the pattern,
says how broad the features are and how they are spaced, not where they are (lessons 04 to 06).
"""

from functools import lru_cache

import numpy as np
from scipy.ndimage import uniform_filter1d
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA

from spectra_helpers.models.log_grid import rebin_to_log, weigh_pixels
from spectra_helpers.preprocess import check_flux, each_spectrum

ROWS_AT_ONCE = 2048  # bounds the memory of a transform at about 50 MB
N_STEPS = 1024  # of log wavelength: 245 km/s each
CONTINUUM = 101  # steps of the running mean that is taken off, 8 % of the wavelength


@each_spectrum
def compress_flux(flux):
    """Return arcsinh(flux / root mean square): strong lines stay, but do not drown the rest.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)

    Returns
    -------
    ndarray
        Same shape and precision.
    """
    rms = np.sqrt(np.mean(flux**2, axis=1, keepdims=True))
    return np.arcsinh(flux / rms)


def measure_pattern(flux, n_frequencies=256):
    """Return the logarithm of the modulus of the transform of each spectrum.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, n_pixels)
        On a compressed scale, root mean square near 1.
    n_frequencies : int
        The lowest that are kept: higher ones hold noise.

    Returns
    -------
    ndarray, shape (n_spectra, n_frequencies), float32
    """
    flux = rebin_to_log(flux, N_STEPS)
    lines = flux - uniform_filter1d(flux, CONTINUUM)  # without the continuum
    waves = np.fft.rfft(lines * np.hanning(N_STEPS))  # faded out at both ends
    return np.log(np.abs(waves[:, 1 : n_frequencies + 1]) + 0.01).astype(np.float32)


@lru_cache(maxsize=2)
def wave_matrix(n_pixels, n_frequencies):
    """Return the sums of `measure_pattern` as one matrix, for the network.

    Parameters
    ----------
    n_pixels : int
        Evenly spaced over the wavelengths of the series.
    n_frequencies : int

    Returns
    -------
    ndarray, shape (n_pixels, 2 n_frequencies), float32
        Real parts of the lowest frequencies, then imaginary parts.
    """
    light = weigh_pixels(n_pixels, N_STEPS)  # of each pixel alone
    lines = light - uniform_filter1d(light, CONTINUUM)
    waves = np.fft.rfft(lines * np.hanning(N_STEPS))[:, 1 : n_frequencies + 1]
    return np.hstack([waves.real, waves.imag]).astype(np.float32)


class SpectrumComponents(TransformerMixin, BaseEstimator):
    """Compress the flux scale, project on principal components, balance their sizes.

    Parameters
    ----------
    n_components : int
        Components kept; fewer when there are fewer training spectra.
    compress : bool
        Take arcsinh(flux / root mean square) first: nearly linear for the continuum, nearly
        logarithmic for strong emission lines, which would otherwise rule the components.
    balance : float, 0 to 1
        Scores are divided by their standard deviation to this power. 0 leaves them as PCA made
        them, so that the first few decide everything; 1 gives noise components the same say as
        the others; 0.5 lies between.
    max_rows : int
        Components are learned from at most so many training spectra, drawn at random: more do
        not change them, and memory stays bounded.
    seed : int

    Attributes
    ----------
    pca_ : sklearn.decomposition.PCA
    scale_ : ndarray, shape (n_components,)
    """

    def __init__(self, n_components=60, compress=True, balance=0.5, max_rows=10_000, seed=30):
        self.n_components = n_components
        self.compress = compress
        self.balance = balance
        self.max_rows = max_rows
        self.seed = seed

    def fit(self, X, y=None):
        """Learn the components of training spectra; ValueError with fewer than three of them."""
        flux = check_flux(X)
        if len(flux) < 3:
            raise ValueError(f"{len(flux)} spectra are too few for components: give at least 3.")
        self.n_features_in_ = flux.shape[1]
        if len(flux) > self.max_rows:
            rng = np.random.default_rng(self.seed)
            flux = flux[np.sort(rng.choice(len(flux), self.max_rows, replace=False))]
        flux = self.rescale(flux)
        number = min(self.n_components, len(flux) - 1, flux.shape[1])
        # Two power iterations: the leading components are exact enough, at half the time.
        self.pca_ = PCA(number, svd_solver="randomized", iterated_power=2, random_state=self.seed)
        scores = self.pca_.fit_transform(flux)
        # In the memory order of a stored model, so that a loaded one gives the same last digits.
        self.pca_.components_ = np.ascontiguousarray(self.pca_.components_)
        spread = np.maximum(scores.std(axis=0), 1e-6 * scores.std())
        balanced = scores * spread**-self.balance
        self.scale_ = spread**-self.balance / np.sqrt((balanced**2).sum(axis=1).mean())
        return self

    def rescale(self, flux):
        """Return what components are made of, shape (n_spectra, n_values)."""
        return compress_flux(flux) if self.compress else flux

    def transform(self, X):
        """Return the scores, shape (n_spectra, n_components)."""
        flux = check_flux(X, self.n_features_in_)
        starts = range(0, len(flux), ROWS_AT_ONCE)
        parts = [self.pca_.transform(self.rescale(flux[s : s + ROWS_AT_ONCE])) for s in starts]
        return (np.concatenate(parts) * self.scale_).astype(np.float32)

    def get_feature_names_out(self, input_features=None):
        """Return ``PC1``, ``PC2`` and so on."""
        return np.array([f"PC{i + 1}" for i in range(len(self.scale_))], dtype=object)


class PatternComponents(SpectrumComponents):
    """Components of the pattern of lines and breaks, wherever redshift has moved it.

    Parameters
    ----------
    n_components, balance, max_rows, seed
        As in `SpectrumComponents`.

    Notes
    -----
    `measure_pattern` measures the pattern.
    """

    def __init__(self, n_components=30, balance=0.5, max_rows=10_000, seed=30):
        super().__init__(n_components, True, balance, max_rows, seed)

    def rescale(self, flux):
        """Return the patterns, shape (n_spectra, 256)."""
        return measure_pattern(compress_flux(flux))

    def get_feature_names_out(self, input_features=None):
        """Return ``pattern1``, ``pattern2`` and so on."""
        return np.array([f"pattern{i + 1}" for i in range(len(self.scale_))], dtype=object)
