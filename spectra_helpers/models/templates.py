"""Template matching, the traditional way to classify spectra (lesson 07).

Three parts: sums that match spectra and shifted templates, templates learned from spectra whose
redshifts are not known, and the classifier.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from astropy import constants, units
from numpy.lib.stride_tricks import sliding_window_view
from numpy.polynomial.legendre import legvander
from scipy.fft import irfft, next_fast_len, rfft
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_consistent_length

from spectra_helpers.data import CLASSES, WAVELENGTH
from spectra_helpers.models.log_grid import estimate_log_noise, rebin_to_log
from spectra_helpers.preprocess import SpectrumPreprocessor, check_flux

STAR = CLASSES.index("star")
LIGHT = constants.c.to_value(units.km / units.s)
ROWS_AT_ONCE = 4096  # bounds memory at about 100 MB
LEAST_NOISE = 1e-3  # no survey is calibrated better than to a thousandth
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


class TemplateMatcher(ClassifierMixin, BaseEstimator):
    """Give each spectrum the class of the template that fits best, at any shift.

    Parameters
    ----------
    n_templates : int
        Templates a class; each is the average of training spectra that match at some shift.
    max_redshift : float
        Templates of galaxies and quasars slide by up to this 1 + z to the red and to the blue,
        from wherever their training spectra were: true redshifts are not needed.
    max_velocity : float
        Templates of stars slide by up to this, km/s.
    degree : int
        Degree of the polynomial in log wavelength that is added to the template: dust and flux
        calibration bend spectra in much the same way.
    n_pixels : int
        Pixels of the log-wavelength grid; 1,024 are 245 km/s each.
    n_rounds : int
        Rounds of k-means (`learn_templates`).
    max_rows : int
        Training spectra a class that templates are made of, drawn at random; bounds the time.
    max_noise : float, optional
        Noisier training spectra make no templates, unless a class has too few others. Noise of a
        log pixel in units of the spectrum's root mean square; 0.06 is a signal-to-noise ratio of
        about 10 a pixel of the survey.
    seed : int

    Attributes
    ----------
    classes_ : ndarray of int
    templates_ : list of ndarray, shape (n_templates, n_pixels + 2 reach)
        One array a class.

    Notes
    -----
    χ² = Σ (flux - a · template - polynomial)² / noise², the smallest over amplitude ``a`` ≥ 0,
    polynomial, template and shift; all pixels count alike. By FFT it takes one cross-correlation a
    template (Tonry and Davis 1979, AJ 84, 1511); χ² of templates and polynomials against redshift
    is how SDSS classifies (Bolton et al. 2012, AJ 144, 144). Its templates have known redshifts,
    which training files lack; here spectra are aligned with each other instead.
    """

    max_noise = None  # models of version 0.1.0 were stored without it

    def __init__(
        self,
        n_templates=60,
        max_redshift=0.3,
        max_velocity=500.0,
        degree=3,
        n_pixels=1024,
        n_rounds=6,
        max_rows=2000,
        max_noise=None,
        seed=30,
    ):
        self.n_templates = n_templates
        self.max_redshift = max_redshift
        self.max_velocity = max_velocity
        self.degree = degree
        self.n_pixels = n_pixels
        self.n_rounds = n_rounds
        self.max_rows = max_rows
        self.max_noise = max_noise
        self.seed = seed

    def fit(self, X, y):
        """Make templates of training spectra.

        Parameters
        ----------
        X : array, shape (n_spectra, n_in)
            Flux on an even grid from 3900 to 9000 Å.
        y : array of int, shape (n_spectra,)

        Raises
        ------
        ValueError
            Bad rows, one class only, or parameters that cannot be.
        """
        self._check_parameters()
        flux, y = np.atleast_2d(check_flux(X)), np.asarray(y)
        check_consistent_length(flux, y)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError("All spectra are of one class: give spectra of at least two.")
        self.n_features_in_ = flux.shape[1]
        rng = np.random.default_rng(self.seed)
        self.templates_ = [self._learn_class(flux, y, label, rng) for label in self.classes_]
        return self

    def _check_parameters(self):
        for name in ("n_templates", "max_redshift", "max_velocity", "max_rows"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}={getattr(self, name)} leaves nothing: give more than 0.")
        if not 0 <= self.degree < self.n_pixels // 10:
            raise ValueError(
                f"degree={self.degree} does not fit {self.n_pixels} pixels: give 0 (a constant) or "
                "a little more, and at least 20 pixels."
            )

    def _learn_class(self, flux, y, label, rng):
        members = self._find_clean(flux, np.flatnonzero(y == label))
        if len(members) > self.max_rows:
            members = members[np.sort(rng.choice(len(members), self.max_rows, replace=False))]
        widest = self.max_velocity / LIGHT if label == STAR else self.max_redshift
        reach = max(round(np.log1p(widest) / self._step()), 1)
        rows = self._rescale(flux[members])
        return learn_templates(rows, self.n_templates, reach, self.degree, self.n_rounds, rng)

    def _find_clean(self, flux, members):
        """Return the members whose noise is low enough, or as many of the cleanest as are needed.

        Where noise hides the lines, spectra are averaged at wrong shifts: that blurs a template.
        """
        if self.max_noise is None:
            return members
        noise = estimate_log_noise(self._rescale(flux[members]))
        least = np.sort(noise)[: self.n_templates].max()
        return members[noise <= max(self.max_noise, least)]

    def _step(self):
        """Width of a pixel in the logarithm of the wavelength."""
        return np.log(WAVELENGTH[-1] / WAVELENGTH[0]) / self.n_pixels

    def _rescale(self, X):
        """Rebin to log wavelength, root mean square 1: faint and bright spectra count alike."""
        rows = rebin_to_log(np.atleast_2d(check_flux(X, self.n_features_in_)), self.n_pixels)
        return rows / np.sqrt(np.mean(rows**2, axis=1, keepdims=True))

    def measure_chi2(self, X):
        """Return χ² of the best match of each class.

        Parameters
        ----------
        X : array, shape (n_spectra, n_in)

        Returns
        -------
        ndarray, shape (n_spectra, n_classes)

        Raises
        ------
        ValueError
            Bad rows or another number of pixels than in training.
        """
        flux = np.atleast_2d(check_flux(X, self.n_features_in_))
        batches = [flux[i : i + ROWS_AT_ONCE] for i in range(0, len(flux), ROWS_AT_ONCE)]
        return np.concatenate([self._measure_batch(batch) for batch in batches])

    def _measure_batch(self, flux):
        rows = self._rescale(flux)
        noise = np.maximum(estimate_log_noise(rows), LEAST_NOISE)
        chi2 = []
        for templates in self.templates_:
            shifted = ShiftedTemplates(templates, self.n_pixels, self.degree)
            rest = rows - shifted.draw(rows, *shifted.match(rows))
            chi2.append(np.einsum("ij,ij->i", rest, rest) / noise**2)
        return np.stack(chi2, axis=1)

    def decision_function(self, X):
        """Return the log-likelihood of each class, shape (n_spectra, n_classes).

        That of a noise whose size is not known, -n_pixels / 2 · ln χ²; it falls like -χ² / 2 with
        the noise that the best match leaves. Less the logarithm of the number of templates times
        shifts: who tries more often finds a better match by chance. Of two classes, half the
        difference, as scikit-learn expects it.
        """
        score = self._score(X)
        return score if len(self.classes_) > 2 else (score[:, 1] - score[:, 0]) / 2

    def _score(self, X):
        trials = [len(t) * (t.shape[1] - self.n_pixels + 1) for t in self.templates_]
        chi2 = self.measure_chi2(X) + np.finfo(np.float32).tiny
        return -self.n_pixels / 2 * np.log(chi2) - np.log(trials)

    def predict(self, X):
        """Return the most likely class, shape (n_spectra,): nearly always that of smallest χ²."""
        return self.classes_[self._score(X).argmax(axis=1)]


def make_templates(
    seed=30, n_templates=60, max_redshift=0.3, degree=3, max_rows=2000, max_noise=None
):
    """Return an untrained template matching, from raw flux to class.

    Parameters
    ----------
    seed : int
    n_templates, max_redshift, degree, max_rows, max_noise
        Of `TemplateMatcher`.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Takes raw flux (n_spectra, 3000); has fit, predict, predict_proba and classes_.

    Notes
    -----
    Its probabilities come from temperature scaling on two cross-validation folds of the training
    spectra (Guo et al. 2017): pixels of a misfit go together, so the likelihood is far too sure.

    Settings were chosen by three-fold cross-validation on the training spectra of the simulated
    `lesson` tier. Macro F1: 0.979 as they are; 0.972 with 40 templates, 0.968 with 40 and half of
    `max_redshift`, 0.967 with 30 and degree 2. Folds scatter by 0.002 to 0.006.
    """
    matcher = TemplateMatcher(
        n_templates,
        max_redshift,
        degree=degree,
        max_rows=max_rows,
        max_noise=max_noise,
        seed=seed,
    )
    calibrated = CalibratedClassifierCV(matcher, method="temperature", cv=2, ensemble=False)
    return Pipeline([("prepare", SpectrumPreprocessor()), ("templates", calibrated)])
