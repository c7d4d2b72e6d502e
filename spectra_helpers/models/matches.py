"""What template matching knows, as features for the other models (lessons 05 and 07)."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.model_selection import check_cv
from sklearn.utils.validation import check_is_fitted, check_memory

from spectra_helpers.models.templates import ROWS_AT_ONCE, TemplateMatcher
from spectra_helpers.preprocess import check_flux

SURE = 20  # Δχ² up to here are told apart finely, larger ones by their logarithm
LEAST_CHI2 = 0.1  # a pixel: only a straight line, or a spectrum of its own template, leaves less


def describe_matches(chi2, n_pixels):
    """Return how much worse than the best one each class fits, and how well the best one fits.

    Parameters
    ----------
    chi2 : ndarray, shape (n_spectra, n_classes)
        χ² of the best match of each class, as from `TemplateMatcher.measure_chi2`.
    n_pixels : int
        Pixels that χ² was summed over.

    Returns
    -------
    ndarray, shape (n_spectra, n_classes + 1)
        arcsinh(Δχ² / 20) of each class, 0 for the best one, and ln(χ² / n_pixels) of that one. The
        noise is taken from the best match itself, as its size is not known: Δχ² is
        n_pixels (χ² / smallest χ² - 1).
    """
    chi2 = np.maximum(chi2, LEAST_CHI2 * n_pixels)
    best = chi2.min(axis=1, keepdims=True)
    worse = n_pixels * (chi2 / best - 1)
    return np.hstack([np.arcsinh(worse / SURE), np.log(best / n_pixels)])


def measure_folds(matcher, flux, y, cv):
    """Measure every training spectrum with templates that were made without it.

    Parameters
    ----------
    matcher : TemplateMatcher
        Untrained.
    flux : ndarray, shape (n_spectra, n_pixels)
    y : ndarray of int, shape (n_spectra,)
    cv : int or list of (train, test)
        Folds, runs of rows with the class mix of all, or the rows of each.

    Returns
    -------
    matchers : list of TemplateMatcher
        One a fold, made of the others.
    features : ndarray, shape (n_spectra, n_classes + 1)
        Of `describe_matches`.
    """
    matchers, features = [], np.empty((len(flux), len(np.unique(y)) + 1))
    for others, fold in check_cv(cv, y, classifier=True).split(flux, y):
        matchers.append(clone(matcher).fit(flux[others], y[others]))
        for start in range(0, len(fold), ROWS_AT_ONCE):  # a copy of all would take gigabytes
            rows = fold[start : start + ROWS_AT_ONCE]
            features[rows] = measure_all(matchers[-1:], flux[rows])
    return matchers, features


def measure_all(matchers, flux):
    """Return the mean of the features of several matchers, shape (n_spectra, n_classes + 1).

    Parameters
    ----------
    matchers : list of TemplateMatcher
    flux : ndarray, shape (n_spectra, n_pixels)
    """
    features = [describe_matches(m.measure_chi2(flux), m.n_pixels) for m in matchers]
    return np.mean(features, axis=0)


class TemplateMatches(TransformerMixin, BaseEstimator):
    """How well the best template of each class fits a spectrum, at any redshift.

    Parameters
    ----------
    n_templates, n_pixels, n_rounds, max_rows, max_noise
        Of `TemplateMatcher`. Half its usual number of pixels and fewer rounds do as well here, in
        a third of the time.
    cv : int or list of (train, test)
        Folds of the training spectra (`fit_by_object` cuts them by object). A template fits the
        spectra it is the average of better than any others, so each spectrum is measured with
        templates made of the other folds.
    seed : int
    memory : str or joblib.Memory, optional
        Folder that keeps what was measured, so that several models share it.

    Attributes
    ----------
    matchers_ : list of TemplateMatcher
        One a fold, made of the other folds; new spectra get the mean of their features.
    limits_ : ndarray, shape (2, n_classes + 1)
        Smallest and largest feature of the training spectra; those of new spectra end there.
    mean_, scale_ : ndarray, shape (n_classes + 1,)
        The features of the training spectra had this mean, and the total variance 1 / scale².

    Notes
    -----
    The best fit over all redshifts, of whole spectra, is what template matching has by construction
    and what sums of pixels cannot learn (lesson 07).
    """

    def __init__(
        self,
        n_templates=60,
        n_pixels=512,
        n_rounds=4,
        max_rows=2000,
        max_noise=0.06,
        cv=2,
        seed=30,
        memory=None,
    ):
        self.n_templates = n_templates
        self.n_pixels = n_pixels
        self.n_rounds = n_rounds
        self.max_rows = max_rows
        self.max_noise = max_noise
        self.cv = cv
        self.seed = seed
        self.memory = memory

    def fit(self, X, y):
        """Make templates of training spectra (n_spectra, n_pixels) with labels `y`."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X, y):
        """Make templates; return the features of the training spectra, each by the other folds.

        Raises
        ------
        ValueError
            Bad rows, one class only, or a class with fewer spectra than folds.
        """
        flux, y = check_flux(X), np.asarray(y)
        self._check_labels(y)
        self.n_features_in_ = flux.shape[1]
        measure = check_memory(self.memory).cache(measure_folds)
        self.matchers_, features = measure(self._make_matcher(), flux, y, self.cv)
        self.limits_ = np.stack([features.min(axis=0), features.max(axis=0)])
        self.mean_ = features.mean(axis=0)
        spread = features.std(axis=0)
        self.scale_ = 1 / (np.maximum(spread, 1e-6) * np.sqrt(len(spread)))
        return self._rescale(features)

    def _check_labels(self, y):
        labels, counts = np.unique(y, return_counts=True)
        n_folds = self.cv if isinstance(self.cv, int) else len(self.cv)
        if counts.min() < n_folds:
            raise ValueError(
                f"Label {labels[counts.argmin()]} has {counts.min()} spectra, but {n_folds} folds "
                "need at least one each: give more of them, or leave the class out."
            )

    def _make_matcher(self):
        return TemplateMatcher(
            self.n_templates,
            n_pixels=self.n_pixels,
            n_rounds=self.n_rounds,
            max_rows=self.max_rows,
            max_noise=self.max_noise,
            seed=self.seed,
        )

    def _rescale(self, features):
        return ((features - self.mean_) * self.scale_).astype(np.float32)

    def transform(self, X):
        """Return the features, shape (n_spectra, n_classes + 1)."""
        check_is_fitted(self)
        flux = check_flux(X, self.n_features_in_)
        features = check_memory(self.memory).cache(measure_all)(self.matchers_, flux)
        return self._rescale(np.clip(features, *self.limits_))

    def get_feature_names_out(self, input_features=None):
        """Return names such as ``Δχ² galaxy``."""
        from spectra_helpers.data import CLASSES

        worse = [f"Δχ² {CLASSES[label]}" for label in self.matchers_[0].classes_]
        return np.array([*worse, "χ² of the best"], dtype=object)


@dataclass
class MatchedSpectra:
    """Spectra and their matches, which are put side by side only where rows are asked for.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, n_pixels)
    matches : ndarray, shape (n_spectra, n_matches)

    Notes
    -----
    One array of both would be a second copy of all spectra, gigabytes for 100,000 of them.
    """

    flux: np.ndarray
    matches: np.ndarray

    @property
    def shape(self):
        """That of the array of both."""
        return len(self.flux), self.flux.shape[1] + self.matches.shape[1]

    def __len__(self):
        return len(self.flux)

    def __getitem__(self, rows):
        return np.hstack([self.flux[rows], self.matches[rows]])


class AddMatches(TemplateMatches):
    """`TemplateMatches` for the network, which takes the spectra, too: gives `MatchedSpectra`."""

    def fit_transform(self, X, y):
        """Make templates; return the spectra with their matches."""
        return MatchedSpectra(check_flux(X), super().fit_transform(X, y))

    def transform(self, X):
        """Return the spectra with their matches."""
        return MatchedSpectra(np.atleast_2d(check_flux(X)), super().transform(X))


def list_matches(matches, seed, step=TemplateMatches):
    """Return the steps that add the matches: none, or one.

    Parameters
    ----------
    matches : bool or dict
        Whether they are wanted; a dict holds parameters of `TemplateMatches`.
    seed : int

    step : type
        `TemplateMatches` or `AddMatches`.

    Returns
    -------
    list of (str, TemplateMatches)
    """
    if matches is False or matches is None:
        return []
    options = matches if isinstance(matches, dict) else {}
    return [("matches", step(seed=seed, **options))]
