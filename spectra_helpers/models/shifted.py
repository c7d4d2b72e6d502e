"""Templates that slide along spectra, and how they are learned without redshifts (lesson 07)."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.polynomial.legendre import legvander
from scipy.fft import irfft, next_fast_len, rfft

PAIRS_AT_ONCE = 640  # correlations of a spectrum and a template that stay in the processor's cache
FEW_SHIFTS = 32  # up to here a matrix product is faster than FFT


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
    sigma : ndarray, shape (n_pixels,), optional
        How uncertain each pixel of the spectra is, in any unit; all alike unless given.

    Attributes
    ----------
    root : ndarray, shape (n_pixels,)
        Square root of the weight of each pixel, 1 / `sigma`; its mean square is 1.
    basis : ndarray, shape (n_pixels, degree + 1)
        Polynomials times `root`, orthonormal.
    norm : ndarray, shape (n_templates, n_shifts)
        Root of Σ w t'², as in the notes.

    Notes
    -----
    With `t` a shifted template, `P` the polynomials, `f` a spectrum and `w` the weights, the
    smallest χ² = Σ w (f - a t - P b)² over `a` and `b` is Σ w f'² - (Σ w f' t)² / Σ w t'², where a
    dash means: less its own best polynomial. Σ w t'² is the same for all spectra of equal weights,
    and Σ w f' t at all shifts is one cross-correlation, made by FFT (Tonry and Davis 1979, AJ 84,
    1511). So weights and polynomials (as in Bolton et al. 2012, AJ 144, 144) cost nothing.
    """

    def __init__(self, templates, n_pixels, degree, sigma=None):
        self.templates = np.asarray(templates, np.float32)
        self.n_pixels = n_pixels
        self.n_shifts = self.templates.shape[1] - n_pixels + 1
        self.root = np.ones(n_pixels) if sigma is None else 1 / sigma
        self.root /= np.sqrt(np.mean(self.root**2))
        polynomials = legvander(np.linspace(-1, 1, n_pixels), degree)
        self.basis = np.linalg.qr(self.root[:, None] * polynomials)[0]
        self._size = next_fast_len(self.templates.shape[1], real=True)
        self._waves = rfft(self.templates, self._size)
        self.norm = self._measure_norm()
        self.basis, self.root = self.basis.astype(np.float32), self.root.astype(np.float32)

    def _measure_norm(self):
        """Root of Σ w t'² for each template and shift, in double precision."""
        wide = self.templates.astype(float)
        waves = rfft(wide, self._size)
        weight = rfft(self.root**2, self._size)
        square = irfft(rfft(wide**2, self._size) * weight.conj(), self._size)
        rest = square.copy()
        for column in self.basis.T * self.root:
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
        rest = self._subtract_polynomials(rows)
        at_once = max(PAIRS_AT_ONCE // len(self.templates), 1)
        if self.n_shifts <= FEW_SHIFTS:
            at_once = len(rest)
        chunks = [rest[i : i + at_once] for i in range(0, len(rest), at_once)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # SciPy's FFT releases the lock
            parts = list(pool.map(self._find_best, chunks))
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    def measure_all(self, rows):
        """Measure every template at every shift: χ² = light - height².

        Parameters
        ----------
        rows : ndarray, shape (n_spectra, n_pixels), float32
            A few: the result holds a number for each pair of spectrum and shifted template.

        Returns
        -------
        light : ndarray, shape (n_spectra,)
            χ² of the best polynomial alone.
        height : ndarray, shape (n_spectra, n_templates, n_shifts)
            0 where a template would have to be turned upside down.
        """
        rest = self._subtract_polynomials(rows)
        height = self._correlate(self.root * rest) / self.norm
        return np.einsum("ij,ij->i", rest, rest), np.maximum(height, 0, out=height)

    def _subtract_polynomials(self, rows):
        """Return √w f', as in the notes above, shape (n_spectra, n_pixels)."""
        rest = self.root * rows
        return rest - rest @ self.basis @ self.basis.T

    def _correlate(self, rest):
        return self._multiply(rest) if self.n_shifts <= FEW_SHIFTS else self._transform(rest)

    def _find_best(self, rest):
        product = self._correlate(self.root * rest)
        flat = (product / self.norm).reshape(len(product), -1)
        best = flat.argmax(axis=1)
        template, start = np.divmod(best, self.n_shifts)
        height = np.maximum(flat[np.arange(len(flat)), best], 0)
        return template, start, height / self.norm[template, start]

    def _transform(self, rest):
        """Return Σ w f' t at all shifts, shape (n_spectra, n_templates, n_shifts)."""
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
        return shifted + (self.root * (rows - shifted)) @ self.basis @ self.basis.T / self.root

    def measure_chi2(self, rows):
        """Return χ² of the best match of each spectrum, shape (n_spectra,)."""
        rest = self.root * (rows - self.draw(rows, *self.match(rows)))
        return np.einsum("ij,ij->i", rest, rest)


def learn_templates(rows, n_templates, reach, degree, n_rounds, rng):
    """Group spectra that match each other at some shift, and average each group aligned.

    Parameters
    ----------
    rows : ndarray, shape (n_spectra, n_pixels), float32
        Spectra of one class, of equal scale.
    n_templates : int
        Fewer when there are fewer spectra.
    reach : int
        Largest shift, log pixels.
    degree : int
        As in `ShiftedTemplates`.
    n_rounds : int
        Times that spectra are matched and averaged.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n_templates, n_pixels + 2 reach), float32

    Notes
    -----
    k-means in which the distance is the smallest χ² over all shifts. So no redshift has to be
    known, and averages reach beyond the ends of the single spectra. The first templates are drawn
    at random; drawing them as in k-means++ made no difference in cross-validation.
    """
    first = rng.choice(len(rows), min(n_templates, len(rows)), replace=False)
    templates = np.pad(rows[first], ((0, 0), (reach, reach)), mode="edge")
    for _ in range(n_rounds):
        shifted = ShiftedTemplates(templates, rows.shape[1], degree)
        templates = _average_groups(shifted, rows, *shifted.match(rows))
    return templates


def _average_groups(shifted, rows, template, start, amplitude):
    """Average the spectra of each template, moved to its frame, less their polynomials."""
    shape = shifted.templates.shape
    window = start[:, None] + np.arange(shifted.n_pixels)
    place = (template[:, None] * shape[1] + window).ravel()
    own = amplitude[:, None] * shifted.templates[template[:, None], window]
    light = rows - (rows - own) @ shifted.basis @ shifted.basis.T
    total = np.bincount(place, (amplitude[:, None] * light).ravel(), np.prod(shape)).reshape(shape)
    weight = np.repeat(amplitude**2, shifted.n_pixels)
    weight = np.bincount(place, weight, np.prod(shape)).reshape(shape)
    new = shifted.templates.copy()
    for k in np.flatnonzero(weight.any(axis=1)):
        new[k] = _fill_ends(total[k], weight[k])
    return new


def _fill_ends(total, weight, least=0.1, n_level=10):
    """Divide where enough spectra contribute; go on flat beyond, at the level of the end."""
    known = np.flatnonzero(weight > least * weight.max())
    mean = total[known] / weight[known]
    left, right = np.median(mean[:n_level]), np.median(mean[-n_level:])
    filled = np.interp(np.arange(len(total)), known, mean, left, right)
    return filled / np.sqrt(np.mean(filled**2))
