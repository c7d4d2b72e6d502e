"""Template matching, the traditional way to classify spectra (lesson 07)."""

import numpy as np
from astropy import constants, units
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances_argmin
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from spectra_helpers.data import CLASSES, WAVELENGTH
from spectra_helpers.models.log_grid import (
    estimate_log_noise,
    measure_noise_curves,
    rebin_to_log,
)
from spectra_helpers.models.redshifts import RedshiftMatcher
from spectra_helpers.models.shifted import ShiftedTemplates, learn_templates
from spectra_helpers.preprocess import SpectrumPreprocessor, check_flux

STAR = CLASSES.index("star")
LIGHT = constants.c.to_value(units.km / units.s)
ROWS_AT_ONCE = 4096  # bounds memory at about 100 MB
LEAST_NOISE = 1e-3  # no survey is calibrated better than to a thousandth


def _shape_noise(rows):
    """Logarithm of the noise along the wavelength, whatever its size, shape (n, n_blocks)."""
    curves = np.log(measure_noise_curves(rows, n_blocks=min(16, max(rows.shape[1] // 16, 1))))
    return curves - curves.mean(axis=1, keepdims=True)


class TemplateMatcher(RedshiftMatcher, ClassifierMixin, BaseEstimator):
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
    n_curves : int
        Shapes of noise that spectra are told apart by; 0: all pixels count alike. Each spectrum is
        weighted by the shape that is nearest to its own noise along the wavelength.
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
    curves_ : ndarray, shape (n_curves, n_blocks)
        Logarithm of the shapes of noise, learned from the training spectra by k-means.
    zeros_ : list of ndarray, or None
        Zero points of the redshifts of the templates, where `learn_redshifts` was called.

    Notes
    -----
    χ² = Σ (flux - a · template - polynomial)² / noise², the smallest over amplitude ``a`` ≥ 0,
    polynomial, template and shift. By FFT it takes one cross-correlation a template (Tonry and
    Davis 1979, AJ 84, 1511); χ² of templates and polynomials against redshift is how SDSS
    classifies (Bolton et al. 2012, AJ 144, 144). Its templates have known redshifts, which training
    files lack; here spectra are aligned with each other instead.
    """

    max_noise, n_curves = None, 0  # models of version 0.1.0 were stored without them

    def __init__(
        self,
        n_templates=60,
        max_redshift=0.3,
        max_velocity=500.0,
        degree=3,
        n_pixels=1024,
        n_rounds=6,
        n_curves=8,
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
        self.n_curves = n_curves
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
        self.n_features_in_, self.zeros_ = flux.shape[1], None
        rng = np.random.default_rng(self.seed)
        self.templates_ = [self._learn_class(flux, y, label, rng) for label in self.classes_]
        if self.n_curves:
            self.curves_ = self._learn_curves(flux, rng)
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

    def _learn_curves(self, flux, rng):
        some = np.sort(rng.choice(len(flux), min(len(flux), self.max_rows), replace=False))
        shapes = _shape_noise(self._rescale(flux[some]))
        n_groups = min(self.n_curves, len(np.unique(shapes, axis=0)))
        groups = KMeans(n_groups, random_state=self.seed).fit(shapes)
        return groups.cluster_centers_.astype(np.float32)

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
        check_is_fitted(self)
        flux = np.atleast_2d(check_flux(X, self.n_features_in_))
        batches = [flux[i : i + ROWS_AT_ONCE] for i in range(0, len(flux), ROWS_AT_ONCE)]
        return np.concatenate([self._measure_batch(batch) for batch in batches])

    def _measure_batch(self, flux):
        rows = self._rescale(flux)
        noise = np.maximum(estimate_log_noise(rows), LEAST_NOISE)
        chi2 = np.empty((len(rows), len(self.templates_)), np.float32)
        for sigma, members in self._group_by_noise(rows):
            for k, templates in enumerate(self.templates_):
                shifted = ShiftedTemplates(templates, self.n_pixels, self.degree, sigma)
                chi2[members, k] = shifted.measure_chi2(rows[members])
        return chi2 / noise[:, None] ** 2

    def _group_by_noise(self, rows):
        """Yield the noise of each pixel and the spectra that have about this shape of noise."""
        if not self.n_curves:
            yield None, np.arange(len(rows))
            return
        nearest = pairwise_distances_argmin(_shape_noise(rows), self.curves_)
        blocks = (np.arange(self.curves_.shape[1]) + 0.5) / self.curves_.shape[1]
        pixels = (np.arange(self.n_pixels) + 0.5) / self.n_pixels
        for k in np.unique(nearest):
            yield np.exp(np.interp(pixels, blocks, self.curves_[k])), np.flatnonzero(nearest == k)

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


def learn_matcher(X, y, z, **options):
    """Make templates of spectra whose redshifts are known, and learn the redshifts of these.

    Parameters
    ----------
    X, y, z
        Spectra, labels and redshifts, as `TemplateMatcher.fit` and `learn_redshifts` take them.
    **options
        Of `TemplateMatcher`.

    Returns
    -------
    TemplateMatcher
        Trained.
    """
    return TemplateMatcher(**options).fit(X, y).learn_redshifts(X, y, z)


def find_matcher(model):
    """Return the `TemplateMatcher` in a trained model of `make_templates`; None in any other.

    It takes spectra that the first step of the model has prepared.
    """
    calibrated = getattr(model.steps[-1][1], "calibrated_classifiers_", None)
    matcher = calibrated[0].estimator if calibrated else None
    return matcher if isinstance(matcher, TemplateMatcher) else None


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


def measure_misfit(model, flux):
    """Return χ² a pixel of the best template of any class: about 1 where one fits to the noise.

    Parameters
    ----------
    model : sklearn.pipeline.Pipeline
        From `make_templates`, trained.
    flux : array, shape (n_spectra, 3000)
        Raw flux.

    Returns
    -------
    ndarray, shape (n_spectra,)
        The noise is that of each spectrum, so a bright spectrum misfits sooner (lesson 07).
    """
    matcher = model[-1].calibrated_classifiers_[0].estimator
    return matcher.measure_chi2(model[:-1].transform(flux)).min(axis=1) / matcher.n_pixels
