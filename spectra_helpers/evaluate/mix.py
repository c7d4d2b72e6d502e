"""The same spectra, another mix of classes: what a probability is worth there (lesson 07)."""

import numpy as np

from spectra_helpers.data import CLASSES

# Spectra of DR9 v1.0: galaxies, quasars, stars (lesson 01)
LAMOST_COUNTS = (242_569, 76_167, 10_907_516)


def check_mix(mix):
    """Return the shares of the classes, made to sum to 1; ValueError unless there are three."""
    mix = np.asarray(mix, float)
    if mix.shape != (len(CLASSES),) or not np.all(mix > 0) or not np.all(np.isfinite(mix)):
        raise ValueError(
            f"The mix of classes {mix.tolist()} has to be one number above 0 for each of "
            f"{', '.join(CLASSES)}: 0.02, 0.01, 0.97, say."
        )
    return mix / mix.sum()


def change_mix(proba, was, mix):
    """Return the probabilities of classes where these are mixed in other shares.

    Parameters
    ----------
    proba : array, shape (n_spectra, 3)
        Probabilities, as a model gives them.
    was : sequence of 3 floats
        The mix of galaxies, quasars and stars that the model has in mind, counts or shares.
    mix : sequence of 3 floats
        The mix where the spectra come from.

    Returns
    -------
    ndarray, shape (n_spectra, 3)
        Bayes' theorem: each probability times the share of its class there over that here, then
        made to sum to 1 (Saerens, Latinne and Decaestecker 2002, Neural Computation 14, 21).

    Raises
    ------
    ValueError
        If a mix is not three numbers above 0.
    """
    there = np.asarray(proba, float) * check_mix(mix) / check_mix(was)
    return there / there.sum(axis=1, keepdims=True)


def implied_mix(name, counts):
    """Return the mix of classes that a trained model has in mind.

    Parameters
    ----------
    name : {"forest", "svm", "cnn", "templates"}
    counts : sequence of 3 floats
        Training spectra of each class, copies included.

    Returns
    -------
    ndarray, shape (3,)
        Shares. The forest has the mix of its training spectra. A class with the weight w counts w
        times: SVM and templates count all classes alike, and the network, whose weights are the
        square roots of those that would, lies between.
    """
    power = {"forest": 1, "cnn": 0.5, "svm": 0, "templates": 0}[name]
    return check_mix(np.asarray(counts, float) ** power)
