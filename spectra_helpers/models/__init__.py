"""Classifiers of spectra: forest, SVM, network, template matching, their vote; storing them.

Importing this package does not import TensorFlow; asking for the network does.
"""

from spectra_helpers.models.classic import make_forest, make_svm
from spectra_helpers.models.components import (
    PatternComponents,
    SpectrumComponents,
    compress_flux,
    measure_pattern,
)
from spectra_helpers.models.evidence import LEAST_EVIDENCE, measure_evidence
from spectra_helpers.models.folds import ObjectKFold, fit_by_object
from spectra_helpers.models.kernels import correlate_kernel, read_kernels
from spectra_helpers.models.matches import TemplateMatches, describe_matches
from spectra_helpers.models.redshifts import Redshifts, RedshiftScan
from spectra_helpers.models.store import load_model, read_metadata, save_model
from spectra_helpers.models.templates import (
    find_matcher,
    learn_matcher,
    make_templates,
    measure_misfit,
)
from spectra_helpers.models.voting import vote

__all__ = [
    "LEAST_EVIDENCE",
    "MODELS",
    "ObjectKFold",
    "PatternComponents",
    "RedshiftScan",
    "Redshifts",
    "SpectrumComponents",
    "SpectrumNetwork",
    "TemplateMatches",
    "build_cnn_network",
    "build_model",
    "compress_flux",
    "correlate_kernel",
    "describe_matches",
    "find_matcher",
    "fit_by_object",
    "learn_matcher",
    "load_model",
    "make_cnn",
    "make_forest",
    "make_svm",
    "make_templates",
    "measure_evidence",
    "measure_misfit",
    "measure_pattern",
    "read_kernels",
    "read_metadata",
    "save_model",
    "vote",
]

MODELS = ("forest", "svm", "cnn", "templates")


def __getattr__(name):
    # TensorFlow takes seconds to import: only for those who ask for the network.
    if name in ("build_cnn_network", "make_cnn", "SpectrumNetwork"):
        from spectra_helpers.models import cnn

        return getattr(cnn, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def build_model(name, seed=30, **options):
    """Return an untrained model that takes raw flux.

    Parameters
    ----------
    name : {"forest", "svm", "cnn", "templates"}
    seed : int
        The same seed gives the same model.
    **options
        Of `make_forest`, `make_svm`, `make_cnn` or `make_templates`.

    Returns
    -------
    sklearn.pipeline.Pipeline
        With fit, predict, predict_proba and classes_; takes flux (n_spectra, 3000).

    Raises
    ------
    ValueError
        Unknown name.
    """
    if name == "forest":
        return make_forest(seed=seed, **options)
    if name == "svm":
        return make_svm(seed=seed, **options)
    if name == "templates":
        return make_templates(seed=seed, **options)
    if name == "cnn":
        from spectra_helpers.models.cnn import make_cnn

        return make_cnn(seed=seed, **options)
    raise ValueError(f"Unknown model {name!r}. Choose one of: {', '.join(MODELS)}.")
