"""The sums behind template matching: a log-wavelength grid, and shifts along it by FFT."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.polynomial.legendre import legvander
from scipy.fft import irfft, next_fast_len, rfft

from spectra_helpers.data import WAVELENGTH

PAIRS_AT_ONCE = 640  # correlations of a spectrum and a template that stay in the processor's cache
FEW_SHIFTS = 32  # up to here a matrix product is faster than FFT


def make_log_edges(n_pixels):
    """Return edges of pixels of equal width in log wavelength, Å, shape (n_pixels + 1,).

    On them a redshift moves every feature by the same number of pixels (Tonry and Davis 1979).
    """
    return np.geomspace(WAVELENGTH[0], WAVELENGTH[-1], n_pixels + 1)


@lru_cache(maxsize=4)
def _weigh_pixels(n_in, n_out):
    """Share of each of `n_in` even pixels in each of `n_out` log pixels, shape (n_in, n_out)."""
    center = np.linspace(WAVELENGTH[0], WAVELENGTH[-1], n_in)
    half = (center[1] - center[0]) / 2
    edges = make_log_edges(n_out)
    high = np.minimum(center[:, None] + half, edges[1:])
    low = np.maximum(center[:, None] - half, edges[:-1])
    return (np.maximum(high - low, 0) / np.diff(edges)).astype(np.float32)


def rebin_to_log(flux, n_pixels):
    """Average flux of an even grid from 3900 to 9000 Å over log pixels.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, n_in)
    n_pixels : int

    Returns
    -------
    ndarray, shape (n_spectra, n_pixels), float32
    """
    return flux.astype(np.float32, copy=False) @ _weigh_pixels(flux.shape[1], n_pixels)


def estimate_log_noise(rows):
    """Return the standard deviation of each spectrum's noise, from log pixels two apart."""
    step = np.median(np.abs(rows[:, 2:] - rows[:, :-2]), axis=1)
    return step * (1.4826 / np.sqrt(2))


class ShiftedTemplates:
    """Templates that slide along the spectra.

    Parameters
    ----------
    templates : ndarray, shape (n_templates, n_pixels + 2 reach)
        Longer than a spectrum by `reach` log pixels on either side.
    n_pixels : int
        Log pixels of a spectrum.
    degree : int
        Degree of the polynomial in log wavelength that is fitted together with the template.

    Attributes
    ----------
    basis : ndarray, shape (n_pixels, degree + 1)
        Orthonormal polynomials.

    Notes
    -----
    With `t` a shifted template, `P` the polynomials and `f` a spectrum, the smallest
    χ² = Σ (f - a t - P b)² over `a` and `b` is Σ f'² - (Σ f' t)² / Σ t'², where a dash means:
    less its own best polynomial. Σ t'² is the same for all spectra, and Σ f' t at all shifts is one
    cross-correlation, made by FFT (Tonry and Davis 1979, AJ 84, 1511). So the polynomials
    (as in Bolton et al. 2012, AJ 144, 144) cost nothing.
    """

    def __init__(self, templates, n_pixels, degree):
        self.templates = np.asarray(templates, np.float32)
        self.n_pixels = n_pixels
        self.n_shifts = self.templates.shape[1] - n_pixels + 1
        self.basis = np.linalg.qr(legvander(np.linspace(-1, 1, n_pixels), degree))[0]
        self._size = next_fast_len(self.templates.shape[1], real=True)
        self._waves = rfft(self.templates, self._size)
        self._norm = self._measure_norm()
        self.basis = self.basis.astype(np.float32)

    def _measure_norm(self):
        """Root of Σ t'² for each template and shift, in double precision."""
        wide = self.templates.astype(float)
        waves = rfft(wide, self._size)
        ones = rfft(np.ones(self.n_pixels), self._size)
        square = irfft(rfft(wide**2, self._size) * ones.conj(), self._size)
        rest = square.copy()
        for column in self.basis.T:
            rest -= irfft(waves * rfft(column, self._size).conj(), self._size) ** 2
        # A window that is all continuum has nothing to match.
        rest = np.where(rest > 1e-6 * square, rest, 1e30)[:, : self.n_shifts]
        return np.sqrt(rest).astype(np.float32)

    def match(self, rows):
        """Find the best template and shift of each spectrum.

        Parameters
        ----------
        rows : ndarray, shape (n_spectra, n_pixels), float32

        Returns
        -------
        template : ndarray of int, shape (n_spectra,)
        start : ndarray of int, shape (n_spectra,)
            Pixel of the template that falls on the first pixel of the spectrum.
        amplitude : ndarray, shape (n_spectra,)
            0 where every template fits best upside down.
        """
        rest = rows - rows @ self.basis @ self.basis.T
        correlate, at_once = self._transform, max(PAIRS_AT_ONCE // len(self.templates), 1)
        if self.n_shifts <= FEW_SHIFTS:
            correlate, at_once = self._multiply, len(rest)
        chunks = [rest[i : i + at_once] for i in range(0, len(rest), at_once)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # SciPy's FFT releases the lock
            parts = list(pool.map(lambda chunk: self._find_best(correlate(chunk)), chunks))
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    def _find_best(self, product):
        flat = (product / self._norm).reshape(len(product), -1)
        best = flat.argmax(axis=1)
        template, start = np.divmod(best, self.n_shifts)
        height = np.maximum(flat[np.arange(len(flat)), best], 0)
        return template, start, height / self._norm[template, start]

    def _transform(self, rest):
        """Return Σ f' t at all shifts, shape (n_spectra, n_templates, n_shifts)."""
        waves = rfft(rest, self._size).conj()[:, None] * self._waves
        return irfft(waves, self._size, overwrite_x=True)[:, :, : self.n_shifts]

    def _multiply(self, rest):
        """Do what `_transform` does, for few shifts."""
        windows = sliding_window_view(self.templates, self.n_pixels, axis=1)
        return np.tensordot(rest, windows, axes=(1, 2))

    def draw(self, rows, template, start, amplitude):
        """Return shifted template times amplitude plus polynomial, shape (n_spectra, n_pixels)."""
        window = start[:, None] + np.arange(self.n_pixels)
        shifted = amplitude[:, None] * self.templates[template[:, None], window]
        return shifted + (rows - shifted) @ self.basis @ self.basis.T
