"""Add copies of training spectra: noisy ones as published, varied ones as nature makes them.

Every function takes flux or a set of *training* spectra and knows nothing of test spectra: split
first, then augment. Randomness comes in as a seed or a `numpy.random.Generator`. Lesson 03.
"""

from dataclasses import replace

import numpy as np

from spectra_helpers.augment.changes import (
    add_blue_noise,
    degrade_resolution,
    draw_noise,
    mask_pixels,
    offset_arms,
    redshift_spectrum,
    tilt_spectrum,
)
from spectra_helpers.data import CLASSES, join_sets
from spectra_helpers.preprocess import all_spectra, bridge_zeros

STAR = CLASSES.index("star")
ROWS_AT_ONCE = 2000  # bounds the memory of varied copies at about 300 MB


@all_spectra("snr")
def add_noise(flux, snr, rng):
    """Add noise like the published recipe: normal, of width mean absolute flux over SNR.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    snr : float or array, shape (n_spectra,)
        Signal-to-noise ratio of the added noise. The recipe uses 100.
    rng : numpy.random.Generator or int

    Returns
    -------
    ndarray
        Noisy copy, same shape and precision.

    Raises
    ------
    ValueError
        If an SNR is not above zero, or a row is NaN or empty.
    """
    return flux + draw_noise(flux, snr, rng)


def augment_class(spectra, class_name, number, snr=100.0, seed=0):
    """Return `number` noisy copies of spectra of one class (the published augmentation).

    Parameters
    ----------
    spectra : SpectraSet
        Training spectra.
    class_name : {"galaxy", "quasar", "star"}
    number : int
        Copies wanted; originals are drawn without repeats as long as there are enough of them.
    snr : float
        As in `add_noise`.
    seed : int or numpy.random.Generator

    Returns
    -------
    SpectraSet
        The copies alone. Each keeps the objid and truth of its original, not its inverse variance.

    Raises
    ------
    ValueError
        Unknown class, or none of it in `spectra`.
    """
    if class_name not in CLASSES:
        raise ValueError(f"Unknown class {class_name!r}. Choose one of: {', '.join(CLASSES)}.")
    members = np.flatnonzero(spectra.label == CLASSES.index(class_name))
    if len(members) == 0:
        raise ValueError(f"There is no {class_name} among these spectra to copy.")
    rng = np.random.default_rng(seed)
    chosen = spectra[draw_members(members, number, rng)]
    flux = add_noise(chosen.flux, snr, rng) if number else chosen.flux
    return replace(chosen, flux=flux, ivar=None)


def draw_members(members, number, rng):
    """Draw from an array at random, each member as often as any other but for the last round."""
    rounds = [rng.permutation(members) for _ in range(-(-number // len(members)))]
    return np.concatenate([members[:0], *rounds])[:number]


def augment_training_set(train, numbers=None, snr=100.0, seed=0):
    """Return the training spectra followed by noisy copies of the rarer classes.

    Parameters
    ----------
    train : SpectraSet
        Training spectra only: a copy of a test spectrum among them would be a leak (lesson 03).
    numbers : dict of str to int, optional
        Copies of each class; the recipe's 200 galaxies and 200 quasars unless given.
    snr : float
    seed : int or numpy.random.Generator

    Returns
    -------
    SpectraSet
    """
    rng = np.random.default_rng(seed)
    numbers = {"galaxy": 200, "quasar": 200} if numbers is None else numbers
    for name, number in numbers.items():
        if number:
            train = join_sets([train, augment_class(train, name, number, snr, rng)])
    return train


def vary_spectra(train, seed=0, number=None):
    """Return copies changed as instruments and distance change spectra, equally many of each class.

    `vary_flux` says what is changed.

    Parameters
    ----------
    train : SpectraSet
        Training spectra only.
    seed : int or numpy.random.Generator
    number : int, optional
        Copies wanted; about as many as `train` has spectra unless given.

    Returns
    -------
    SpectraSet
        The copies alone, class by class. Other surveys look at other parts of the sky, with other
        shares of the classes: equal shares favour none.
    """
    rng = np.random.default_rng(seed)
    classes = np.unique(train.label)
    each = (len(train) if number is None else number) // len(classes)
    members = [np.flatnonzero(train.label == k) for k in classes]
    chosen = train[np.concatenate([draw_members(m, each, rng) for m in members])]
    for start in range(0, len(chosen), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        chosen.flux[rows] = vary_flux(chosen.flux[rows], chosen.label[rows], rng)
    return replace(chosen, ivar=None)  # that of the originals: the copies have noise of their own


def vary_flux(flux, label, rng):
    """Change spectra as distance, dust, calibration and other instruments do, each its own way.

    In this order: redshift (galaxies and quasars only, up to 3 %), tilt and curvature (0.15),
    arm offset (5 %), resolution (up to 4 pixels), noise (SNR 2 to 40, mostly in the blue), masked
    runs and blue end.

    Parameters
    ----------
    flux : array, shape (n_spectra, 3000)
    label : ndarray of int, shape (n_spectra,)
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n_spectra, 3000)
    """
    n = len(flux)
    flux = redshift_spectrum(flux, np.where(label == STAR, 0, rng.uniform(-0.03, 0.03, n)))
    flux = bridge_zeros(flux)  # or blur and noise would hide that no light was measured there
    flux = tilt_spectrum(flux, rng.normal(0, 0.15, n), rng.normal(0, 0.15, n))
    flux = offset_arms(flux, rng.normal(0, 0.05, n))
    flux = degrade_resolution(flux, rng.uniform(0, 4, n))
    snr = np.exp(rng.uniform(np.log(2), np.log(40), n))
    flux = add_blue_noise(flux, snr, rng, slope=rng.uniform(0, 0.9, n))
    return mask_pixels(flux, rng, blue_end=150)
