"""What distance, dust and instruments change in a spectrum while its class stays (lesson 03).

Every function takes flux of training spectra and changes none of it in place; `augment` puts the
functions together.
"""

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.lines import ARM_JOIN
from spectra_helpers.preprocess import check_flux


def as_column(value, flux):
    """Return one value, or one a spectrum, as a float32 column beside `flux`."""
    return np.broadcast_to(np.asarray(value, np.float32), (len(flux),))[:, None]


def draw_noise(rows, snr, rng):
    """Draw normal noise of width mean absolute flux over `snr`, one value or one a spectrum.

    Raises
    ------
    ValueError
        If an SNR is not above zero.
    """
    if not np.all(np.asarray(snr) > 0):  # NaN is not above zero
        raise ValueError(f"SNR {np.min(snr)} makes no sense: give a number above zero.")
    width = np.abs(rows).mean(axis=1, keepdims=True) / as_column(snr, rows)
    return width * np.random.default_rng(rng).standard_normal(rows.shape, dtype=np.float32)


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

    Raises
    ------
    ValueError
        If a `dz` is not above -1.
    """
    rows = np.atleast_2d(check_flux(flux)).astype(np.float32)
    if not np.all(np.asarray(dz) > -1):
        raise ValueError(f"dz = {np.min(dz)} makes no sense: give a number above -1.")
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
    factor = np.exp(as_column(tilt, rows) * x + as_column(curvature, rows) * (x**2 - 1 / 3))
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
    return (rows * (1 + as_column(offset, rows) * ramp)).reshape(np.shape(flux))


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
    sigma = as_column(fwhm, rows) / np.float32(np.sqrt(8 * np.log(2)))
    edge = min(int(np.ceil(4 * sigma.max(initial=0))), rows.shape[1] - 1)
    mirrored = np.pad(rows, ((0, 0), (edge, edge)), mode="reflect")
    length = next_fast_len(mirrored.shape[1], real=True)
    frequency = np.arange(length // 2 + 1, dtype=np.float32) / length
    damping = np.exp(-2 * (np.pi * sigma * frequency) ** 2)
    blurred = irfft(rfft(mirrored, length) * damping, length)[:, edge : edge + rows.shape[1]]
    return np.ascontiguousarray(blurred, np.float32).reshape(np.shape(flux))


def add_blue_noise(flux, snr, rng, slope=0.0, wavelength=WAVELENGTH):
    """Add noise that grows below 4,300 Å, where LAMOST's throughput falls.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    snr : float or array, shape (n_spectra,)
        Mean absolute flux over the width of the noise, in the middle of the spectrum.
    rng : numpy.random.Generator or int
    slope : float or array, shape (n_spectra,)
        Natural logarithm of how much wider the noise is at the blue end than in the middle, and
        narrower at the red end, beside the fourfold growth from 4,300 to 3,900 Å. About 0.7 in
        LAMOST DR1 (the noise of `simulate.instrument`), 0 for even noise.
    wavelength : ndarray, shape (n_pixels,)

    Returns
    -------
    ndarray, float32

    Raises
    ------
    ValueError
        If an SNR is not above zero, or a row is NaN or empty.
    """
    rows = np.atleast_2d(check_flux(flux)).astype(np.float32)
    x = np.linspace(1, -1, rows.shape[1], dtype=np.float32)
    growth = np.interp(wavelength, (3900, 4300), (4, 1)).astype(np.float32)
    growth = growth * np.exp(as_column(slope, rows) * x)
    return (rows + growth * draw_noise(rows, snr, rng)).reshape(np.shape(flux))
