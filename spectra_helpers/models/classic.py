"""The random forest and the support vector machine, from raw flux to class (lesson 05)."""

from itertools import combinations

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.svm import SVC

from spectra_helpers.data import sample_rows
from spectra_helpers.models.components import PatternComponents, SpectrumComponents
from spectra_helpers.models.matches import list_matches
from spectra_helpers.preprocess import SpectrumPreprocessor


def make_forest(
    seed=30, n_components=40, n_patterns=30, n_trees=200, max_features=0.4, matches=False
):
    """Return an untrained forest of randomized trees on components and patterns.

    Parameters
    ----------
    seed : int
    n_components : int
        Principal components the trees may ask about.
    n_patterns : int
        Components of the redshift-free patterns (`PatternComponents`).
    n_trees : int
    max_features : float
        Part of the components each split may choose from.
    matches : bool or dict
        Also ask how well templates fit (`TemplateMatches`); a dict holds its parameters.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Takes raw flux (n_spectra, 3000); has fit, predict, predict_proba and classes_.

    Notes
    -----
    Extremely randomized trees (Geurts, Ernst and Wehenkel 2006): like a random forest, but the
    thresholds are drawn at random. They are as accurate here and several times faster to grow.
    The defaults were compared by nested cross-validation in ``benchmarks/tune_models.py``.
    """
    features = FeatureUnion(
        [
            ("components", SpectrumComponents(n_components, balance=0.0, seed=seed)),
            ("patterns", PatternComponents(n_patterns, balance=0.0, seed=seed)),
            *list_matches(matches, seed),
        ]
    )
    trees = ExtraTreesClassifier(n_trees, max_features=max_features, n_jobs=-1, random_state=seed)
    return Pipeline(
        [("prepare", SpectrumPreprocessor()), ("features", features), ("forest", trees)]
    )


class SubsetSVC(SVC):
    """A support vector machine that learns from at most `max_rows` spectra.

    The time of its training grows with the square of their number. The subset is drawn with the
    class mix kept.

    Parameters
    ----------
    C, gamma, class_weight
        As in `sklearn.svm.SVC`.
    max_rows : int
    seed : int
        Draws the subset.
    """

    def __init__(self, C=10.0, gamma="scale", class_weight="balanced", max_rows=20_000, seed=30):
        super().__init__(
            C=C,
            gamma=gamma,
            class_weight=class_weight,
            cache_size=500,
            decision_function_shape="ovo",
        )
        self.max_rows = max_rows
        self.seed = seed

    def fit(self, X, y):
        """Learn from the subset."""
        rows = sample_rows(np.asarray(y), self.max_rows, self.seed)
        return super().fit(X[rows], np.asarray(y)[rows])

    def decision_function(self, X):
        """Return for each class the sum of its margins against the others.

        Votes, scikit-learn's way to join the pairs, are nearly the same for all spectra; sums of
        margins grow with the distance from the boundary, so that probabilities can follow it.
        """
        pairs = super().decision_function(X)
        n = len(self.classes_)
        if n == 2:
            return pairs
        total = np.zeros((len(pairs), n))
        for margin, (first, second) in zip(pairs.T, combinations(range(n), 2), strict=True):
            total[:, first] += margin
            total[:, second] -= margin
        return total


def make_svm(
    seed=30, n_components=60, n_patterns=30, C=10.0, gamma=0.5, max_rows=20_000, matches=False
):
    """Return an untrained support vector machine on balanced components and patterns.

    Parameters
    ----------
    seed : int
    n_components, n_patterns : int
        Principal components, and those of the redshift-free patterns (`PatternComponents`).
    C : float
        Price of a training spectrum on the wrong side; small values smooth the boundary.
    gamma : float
        Inverse squared reach of a training spectrum; the features have a total variance of 2.
    max_rows : int
        Spectra it learns from at most (`SubsetSVC`).
    matches : bool or dict
        Also measure how well templates fit (`TemplateMatches`); a dict holds its parameters.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Takes raw flux (n_spectra, 3000); has fit, predict, predict_proba and classes_.

    Notes
    -----
    Its probabilities come from temperature scaling on three cross-validation folds of the training
    spectra (Guo et al. 2017), which scikit-learn recommends over ``SVC(probability=True)``.
    The defaults were compared by nested cross-validation in ``benchmarks/tune_models.py``.
    """
    features = FeatureUnion(
        [
            ("components", SpectrumComponents(n_components, balance=0.5, seed=seed)),
            ("patterns", PatternComponents(n_patterns, balance=0.5, seed=seed)),
            *list_matches(matches, seed),
        ]
    )
    svc = SubsetSVC(C=C, gamma=gamma, max_rows=max_rows, seed=seed)
    calibrated = CalibratedClassifierCV(svc, method="temperature", cv=3, ensemble=False)
    return Pipeline(
        [("prepare", SpectrumPreprocessor()), ("features", features), ("svm", calibrated)]
    )
