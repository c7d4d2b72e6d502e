"""Wrong labels: two ways in which they come about, and a way to find them (lesson 07)."""

import numpy as np

from spectra_helpers.data import CLASSES

GALAXY, QUASAR = CLASSES.index("galaxy"), CLASSES.index("quasar")


def flip_at_random(label, rate, rng):
    """Return labels of which a share is another class, whatever the spectrum looks like.

    Parameters
    ----------
    label : ndarray of int, shape (n_spectra,)
    rate : float, 0 to 1
        Share of all labels that becomes wrong.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (n_spectra,)
    """
    given = label.copy()
    rows = rng.choice(len(label), round(rate * len(label)), replace=False)
    given[rows] = (label[rows] + rng.integers(1, len(CLASSES), len(rows))) % len(CLASSES)
    return given


def flip_at_border(label, proba, rate):
    """Return labels of which a share is wrong where galaxy and quasar are hard to tell apart.

    Parameters
    ----------
    label : ndarray of int, shape (n_spectra,)
    proba : ndarray, shape (n_spectra, 3)
        Probabilities of the classes, of a model that did not learn from these spectra.
    rate : float, 0 to 1
        Share of all labels that becomes wrong; at most that of galaxies and quasars together.

    Returns
    -------
    ndarray of int, shape (n_spectra,)
        The galaxies and quasars of which the model was least sure have changed their names.
    """
    given = label.copy()
    rows = np.flatnonzero(np.isin(label, (GALAXY, QUASAR)))
    other = np.where(label[rows] == GALAXY, QUASAR, GALAXY)
    lead = proba[rows, label[rows]] - proba[rows, other]
    first = np.argsort(lead, kind="stable")[: round(rate * len(label))]
    given[rows[first]] = other[first]
    return given


def rank_suspects(given, proba):
    """Return the rows in the order in which to look at them: the least believable label first.

    Parameters
    ----------
    given : ndarray of int, shape (n_spectra,)
        Labels, some of them wrong.
    proba : ndarray, shape (n_spectra, 3)
        Probabilities by cross-validation: of models that did not learn from the spectrum.

    Returns
    -------
    ndarray of int, shape (n_spectra,)
        Confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70, 1373) begins so.
    """
    return np.argsort(proba[np.arange(len(given)), given], kind="stable")
