"""Several models decide together (lesson 07)."""

import numpy as np

LEAST = 1e-6  # no model is surer than this: one would outvote all others


def vote(probas):
    """Join the probabilities of several models: their geometric mean, made to sum to 1.

    Models of different kinds err on different spectra: what one doubts, the others know. A class
    that one model rules out is hard to win back. ``benchmarks/against_published.py`` counts what
    the vote of SVM, CNN and template matching misses, beside each of them.

    Parameters
    ----------
    probas : list of ndarray, shape (n_spectra, n_classes)

    Returns
    -------
    ndarray, shape (n_spectra, n_classes)
    """
    mean = np.exp(np.mean([np.log(np.maximum(proba, LEAST)) for proba in probas], axis=0))
    return mean / mean.sum(axis=1, keepdims=True)
