"""The observer's logarithmic frame: where galaxies and quasars are blurred by motion and get lines.

A step in ln λ is a step in velocity, whatever the redshift. So every source is put together on one
fixed logarithmic grid, blurred there by products of Fourier transforms, and rebinned once.
"""

import math
from functools import lru_cache

import numpy as np
from astropy import constants
from scipy import fft

from spectra_helpers.simulate.grid import LOG_STEP, OBSERVED_EDGES, REST_WAVELENGTH

SPEED_OF_LIGHT = constants.c.to_value("km/s")
PIXEL_VELOCITY = LOG_STEP * SPEED_OF_LIGHT  # 60 km/s

# From 3650 Å to 9531 Å: about 14,000 km/s beyond both ends of the observed grid, so that the wings
# of lines outside it reach in and the periodic Fourier transform folds nothing back. 4800 = 2^6 3
# 5^2.
N_FRAME = 4800
FRAME_START = np.log(3650.0)
FRAME_WAVELENGTH = np.exp(FRAME_START + LOG_STEP * np.arange(N_FRAME))
FREQUENCY = fft.rfftfreq(N_FRAME).astype(np.float32)  # cycles per pixel
_frequency_squared = FREQUENCY**2

_REST_START = math.log(REST_WAVELENGTH[0])
_frame_width = FRAME_WAVELENGTH * LOG_STEP


def find_rest(z):
    """Return the slice of `REST_WAVELENGTH` that redshift `z` brings into the frame.

    Parameters
    ----------
    z : float
        Redshift, -0.02 to 4.2. It is met to half a pixel (30 km/s).

    Raises
    ------
    ValueError
        If `z` leaves the rest-frame grid.
    """
    first = round((FRAME_START - math.log1p(z) - _REST_START) / LOG_STEP)
    if first < 0 or first + N_FRAME > len(REST_WAVELENGTH):
        raise ValueError(f"Redshift {z:.3f} leaves the rest-frame grid: use -0.02 to 4.2.")
    return slice(first, first + N_FRAME)


def slice_rest(rest, z):
    """Cut the part of a rest-frame array that redshift `z` brings into the frame.

    Parameters
    ----------
    rest : ndarray, shape (..., len(REST_WAVELENGTH))
        Values at `REST_WAVELENGTH`.
    z : float
        Redshift, as in `find_rest`.

    Returns
    -------
    ndarray, shape (..., N_FRAME)
        A view, no copy.
    """
    return rest[..., find_rest(z)]


def gaussian_transform(sigma):
    """Return the Fourier transform of a Gaussian velocity profile.

    Parameters
    ----------
    sigma : float
        Dispersion, km/s.

    Returns
    -------
    ndarray, shape (N_FRAME // 2 + 1,), float32
        Transform over `FREQUENCY`, 1 at frequency 0. A shifted profile is made by shifting the
        line.
    """
    return np.exp(np.float32(-2 * (np.pi * sigma / PIXEL_VELOCITY) ** 2) * _frequency_squared)


def lorentzian_transform(fwhm):
    """Return the Fourier transform of a Lorentzian velocity profile (`fwhm` in km/s)."""
    return np.exp(np.float32(-np.pi * fwhm / PIXEL_VELOCITY) * FREQUENCY)


def blur(*pairs):
    """Blur arrays on the frame by their velocity profiles and add them up.

    Parameters
    ----------
    *pairs : (ndarray of shape (N_FRAME,), ndarray of shape (N_FRAME // 2 + 1,))
        An array and the Fourier transform of its profile.

    Returns
    -------
    ndarray, shape (N_FRAME,), float32
    """
    values, transforms = (np.array(part, np.float32) for part in zip(*pairs, strict=True))
    return fft.irfft((fft.rfft(values) * transforms).sum(axis=0), N_FRAME)


def place_lines(wavelength, line_flux, z, velocity=0.0):
    """Put infinitely narrow lines on the frame.

    Parameters
    ----------
    wavelength : ndarray, shape (n_lines,)
        Rest wavelength, vacuum Å.
    line_flux : ndarray, shape (n_lines,)
        Flux of each line in units of (flux density x observed Å).
    z : float
        Redshift.
    velocity : float or ndarray, shape (n_lines,)
        Velocity against `z`, km/s, positive to the red.

    Returns
    -------
    ndarray, shape (N_FRAME,)
        Flux density. A line is shared by its two nearest pixels in proportion, which keeps its
        flux and its mean wavelength; lines outside the frame are left out.
    """
    ln_observed = np.log(wavelength) + np.log1p(z) + np.asarray(velocity) / SPEED_OF_LIGHT
    position = (ln_observed - FRAME_START) / LOG_STEP
    inside = (position > 0) & (position < N_FRAME - 1)
    position, line_flux = position[inside], np.asarray(line_flux)[inside]
    if not len(position):
        return np.zeros(N_FRAME)
    left = position.astype(int)
    right_share = position - left
    pixels = np.concatenate([left, left + 1])
    shares = np.concatenate([line_flux * (1 - right_share), line_flux * right_share])
    return np.bincount(pixels, shares, minlength=N_FRAME) / _frame_width


def rebin_frame(flux):
    """Rebin a spectrum on the frame to the observed grid, conserving flux.

    Parameters
    ----------
    flux : ndarray, shape (N_FRAME,)
        Flux density at `FRAME_WAVELENGTH`.

    Returns
    -------
    ndarray, shape (len(OBSERVED_WAVELENGTH),), float32
        Mean flux density in each observed pixel.
    """
    return _overlaps() @ flux.astype(np.float32, copy=False)


@lru_cache(maxsize=1)
def _overlaps():
    """Which part of each observed pixel each pixel of the frame fills: a sparse matrix."""
    from scipy.sparse import csr_array  # slow to import: only where it is used

    edges = (np.log(OBSERVED_EDGES) - FRAME_START) / LOG_STEP + 0.5  # in pixels of the frame
    pixel = edges[:-1, None].astype(int) + np.arange(4)  # no observed pixel reaches over more
    part = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    share = np.maximum(part, 0) * _frame_width[pixel] / np.diff(OBSERVED_EDGES)[:, None]
    rows = np.repeat(np.arange(len(pixel)), 4)
    shape = len(pixel), N_FRAME
    return csr_array((share.ravel().astype(np.float32), (rows, pixel.ravel())), shape)
