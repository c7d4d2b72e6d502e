"""Make changed copies of training spectra that keep their class (lesson 03).

Every function takes flux or a set of *training* spectra and knows nothing of test spectra: split
first, then augment. Randomness comes in as a seed or a `numpy.random.Generator`.
"""

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from spectra_helpers.data import CLASSES, WAVELENGTH, SpectraSet, join_sets
from spectra_helpers.lines import ARM_JOIN
from spectra_helpers.rows import check_flux

STAR = CLASSES.index("star")


def _as_column(value, flux):
    """One value, or one a spectrum, as float32 column beside `flux`."""
    return np.broadcast_to(np.asarray(value, np.float32), (len(flux),))[:, None]


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
        Noisy copy, same shape, float32.

    Raises
    ------
    ValueError
        If an SNR is not above zero, or a row is NaN or empty.
    """
    if np.any(np.asarray(snr) <= 0):
        raise ValueError(f"SNR {np.min(snr)} makes no sense: give a number above zero.")
    rows = np.atleast_2d(check_flux(flux)).astype(np.float32)
    width = np.abs(rows).mean(axis=1, keepdims=True) / _as_column(snr, rows)
    noise = np.random.default_rng(rng).standard_normal(rows.shape, dtype=np.float32)
    return (rows + width * noise).reshape(np.shape(flux))


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
        The copies alone. Each keeps the objid and truth of its original.

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
    rounds = [rng.permutation(members) for _ in range(-(-number // len(members)))]
    chosen = spectra[np.concatenate([members[:0], *rounds])[:number]]
    if number == 0:
        return chosen
    return _replace_flux(chosen, add_noise(chosen.flux, snr, rng))


def _replace_flux(spectra, flux):
    return SpectraSet(
        flux, spectra.label, spectra.objid, spectra.wavelength, spectra.truth, spectra.source
    )


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


def redshift_spectrum(flux, dz, wavelength=WAVELENGTH):
    """Move spectra as if their sources were farther away: every wavelength times 1 + dz.

    Only for galaxies and quasars: a star at z = 0.1 does not exist, and a classifier may well use
    that.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    dz : float or array, shape (n_spectra,)
        Added redshift in units of 1 + z; negative moves to the blue.
    wavelength : ndarray, shape (n_pixels,)
        Evenly spaced, Å.

    Returns
    -------
    ndarray, float32
        Pixels that no light was measured for are zero, like dead pixels.
    """
    rows = np.atleast_2d(check_flux(flux)).astype(np.float32)
    step = wavelength[1] - wavelength[0]
    stretch = 1 + np.broadcast_to(np.asarray(dz, float), (len(rows),))[:, None]
    position = (wavelength / stretch - wavelength[0]) / step
    left = np.clip(np.floor(position).astype(int), 0, rows.shape[1] - 2)
    part = (position - left).astype(np.float32)
    moved = np.take_along_axis(rows, left, 1) * (1 - part)
    moved += np.take_along_axis(rows, left + 1, 1) * part
    outside = (position < -1e-6) | (position > rows.shape[1] - 1 + 1e-6)  # but for rounding
    return np.where(outside, 0, moved / stretch).astype(np.float32).reshape(np.shape(flux))


def tilt_spectrum(flux, tilt, curvature=0.0):
    """Change the slope of spectra, as dust and flux calibration do.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    tilt : float or array, shape (n_spectra,)
        Natural logarithm of the factor at the red end; the blue end gets its inverse.
    curvature : float or array, shape (n_spectra,)
        Natural logarithm of the factor between the ends and the middle, shared by both ends.

    Returns
    -------
    ndarray, float32
    """
    rows = np.atleast_2d(check_flux(flux)).astype(np.float32)
    x = np.linspace(-1, 1, rows.shape[1], dtype=np.float32)
    factor = np.exp(_as_column(tilt, rows) * x + _as_column(curvature, rows) * (x**2 - 1 / 3))
    return (rows * factor).reshape(np.shape(flux))


def offset_arms(flux, offset, wavelength=WAVELENGTH):
    """Multiply the red arm by 1 + offset, with a ramp where LAMOST's arms overlap.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    offset : float or array, shape (n_spectra,)
        0.05 makes everything redward of 5,900 Å 5 % brighter.
    wavelength : ndarray, shape (n_pixels,)

    Returns
    -------
    ndarray, float32
    """
    rows = np.atleast_2d(check_flux(flux)).astype(np.float32)
    ramp = np.interp(wavelength, ARM_JOIN, (0, 1)).astype(np.float32)
    return (rows * (1 + _as_column(offset, rows) * ramp)).reshape(np.shape(flux))


def mask_pixels(flux, rng, n_runs=3, longest=60, blue_end=0):
    """Set random runs of pixels to zero, as dead columns and bad sky lines do.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    rng : numpy.random.Generator or int
    n_runs : int
        Runs in each spectrum.
    longest : int
        Pixels in the longest run; lengths are drawn evenly from 1 to this.
    blue_end : int
        Up to that many pixels at the blue end are masked too (noise is worst there).

    Returns
    -------
    ndarray, float32
        Zeros are bridged by the preprocessing of every model.
    """
    rows = np.atleast_2d(check_flux(flux)).astype(np.float32)
    rng = np.random.default_rng(rng)
    n, n_pixels = rows.shape
    pixel = np.arange(n_pixels)
    gone = pixel < rng.integers(0, blue_end + 1, (n, 1))
    for _ in range(n_runs):
        start = rng.integers(0, n_pixels, (n, 1))
        gone |= (pixel >= start) & (pixel < start + rng.integers(1, longest + 1, (n, 1)))
    return np.where(gone, np.float32(0), rows).reshape(np.shape(flux))


def degrade_resolution(flux, fwhm):
    """Blur spectra by a Gaussian, as a spectrograph of lower resolution would.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    fwhm : float or array, shape (n_spectra,)
        Full width at half maximum of the Gaussian, pixels; 0 leaves a spectrum as it is.

    Returns
    -------
    ndarray, float32
    """
    rows = np.atleast_2d(check_flux(flux)).astype(np.float32)
    sigma = _as_column(fwhm, rows) / np.float32(np.sqrt(8 * np.log(2)))
    edge = min(int(np.ceil(4 * sigma.max(initial=0))), rows.shape[1] - 1)
    mirrored = np.pad(rows, ((0, 0), (edge, edge)), mode="reflect")
    length = next_fast_len(mirrored.shape[1], real=True)
    frequency = np.arange(length // 2 + 1, dtype=np.float32) / length
    damping = np.exp(-2 * (np.pi * sigma * frequency) ** 2)
    blurred = irfft(rfft(mirrored, length) * damping, length)[:, edge : edge + rows.shape[1]]
    return np.ascontiguousarray(blurred, np.float32).reshape(np.shape(flux))


def add_blue_noise(flux, snr, rng, wavelength=WAVELENGTH):
    """Add noise that grows below 4,300 Å, where LAMOST's throughput falls.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    snr : float or array, shape (n_spectra,)
        As in `add_noise`, for wavelengths above 4,300 Å; at 3,900 Å the noise is 4 times wider.
    rng : numpy.random.Generator or int
    wavelength : ndarray, shape (n_pixels,)

    Returns
    -------
    ndarray, float32
    """
    noisy = add_noise(flux, snr, rng)
    width = np.interp(wavelength, (3900, 4300), (4, 1)).astype(np.float32)
    clean = np.asarray(flux, np.float32)
    return clean + (noisy - clean) * width


def vary_spectra(train, seed=0):
    """Return every training spectrum once more, changed as instruments and distance change it.

    In this order: redshift (galaxies and quasars only, up to 3 %), tilt and curvature (0.15),
    arm offset (5 %), resolution (up to 4 pixels), noise (SNR 3 to 100), masked runs and blue end.

    Parameters
    ----------
    train : SpectraSet
    seed : int or numpy.random.Generator

    Returns
    -------
    SpectraSet
        Same length and labels as `train`.
    """
    rng = np.random.default_rng(seed)
    n = len(train)
    dz = np.where(train.label == STAR, 0, rng.uniform(-0.03, 0.03, n))
    flux = redshift_spectrum(train.flux, dz, train.wavelength)
    flux = tilt_spectrum(flux, rng.normal(0, 0.15, n), rng.normal(0, 0.15, n))
    flux = offset_arms(flux, rng.normal(0, 0.05, n), train.wavelength)
    flux = degrade_resolution(flux, rng.uniform(0, 4, n))
    flux = add_blue_noise(flux, np.exp(rng.uniform(np.log(3), np.log(100), n)), rng)
    return _replace_flux(train, mask_pixels(flux, rng, blue_end=150))
