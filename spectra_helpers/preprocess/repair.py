"""Find and mend what the instrument broke: dead pixels and cosmic-ray spikes (lesson 02)."""

import numpy as np
from scipy.ndimage import uniform_filter1d

from spectra_helpers.preprocess.rows import each_spectrum

BLOCK = 100  # pixels that share one noise estimate: sky noise changes over a few hundred Å
REACH = 15  # pixels on either side of a candidate that tell the level it stands on


@each_spectrum
def bridge_zeros(flux):
    """Fill runs of exact zeros, which are pixels that recorded nothing, by straight lines.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)

    Returns
    -------
    ndarray
        Same shape and precision. Runs at an end of the spectrum take the nearest good value.

    Raises
    ------
    ValueError
        NaN, infinite or all-zero rows, wrong shape.
    """
    return bridge_pixels(flux, flux == 0)


def bridge_pixels(flux, bad):
    """Fill bad pixels by straight lines between their neighbours, in place; return the flux.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, n_pixels)
    bad : ndarray of bool
        Same shape; each row has a good pixel.
    """
    pixel = np.arange(flux.shape[1])
    for i in np.flatnonzero(bad.any(axis=1)):
        good = ~bad[i]
        flux[i, bad[i]] = np.interp(pixel[bad[i]], pixel[good], flux[i, good])
    return flux


def bridge_noisy(flux, ivar, times=4.0):
    """Fill pixels far noisier than their neighbours, as under sky lines, by straight lines.

    Parameters
    ----------
    flux : array, shape (n_spectra, n_pixels)
    ivar : array, shape (n_spectra, n_pixels)
        Inverse variance. Where it is 0 nothing is known, and the pixel stays as it is.
    times : float
        A pixel is replaced when its noise is so many times the median of its block of 100 pixels.
        More than half of the block must be known.

    Returns
    -------
    ndarray
        Same shape and precision.

    Raises
    ------
    ValueError
        Flux and inverse variance of different shapes.
    """
    flux, ivar = np.array(flux), np.asarray(ivar)
    if flux.shape != ivar.shape:
        raise ValueError(f"Flux has the shape {flux.shape}, inverse variance {ivar.shape}.")
    n_pixels = flux.shape[1]
    unknown = np.full_like(ivar, np.inf)
    noise = np.divide(1, np.sqrt(ivar), unknown, where=ivar > 0)
    padded = np.pad(noise, ((0, 0), (0, -n_pixels % BLOCK)), constant_values=np.inf)
    typical = np.median(padded.reshape(len(flux), -1, BLOCK), axis=2)
    noisy = (noise > times * np.repeat(typical, BLOCK, axis=1)[:, :n_pixels]) & (ivar > 0)
    return bridge_pixels(flux, noisy)


@each_spectrum
def measure_noise(flux):
    """Estimate each spectrum's noise in blocks of 100 pixels.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)

    Returns
    -------
    ndarray, shape (n_blocks,) or (n_spectra, n_blocks)
        Standard deviation of the noise in each of ceil(n_pixels / 100) blocks: 1.48 times the
        median absolute difference of pixels two steps apart, over the square root of 2. A few
        spikes do not change it.

    Raises
    ------
    ValueError
        Fewer than 3 pixels; NaN, infinite or all-zero rows.

    Notes
    -----
    Two steps, because neighbours share light after rebinning. Used in lessons 01 and 02.
    """
    n_pixels = flux.shape[1]
    if n_pixels < 3:
        raise ValueError(f"{n_pixels} pixels do not tell their noise: give at least 3.")
    length = min(BLOCK, n_pixels - 2)
    n_blocks = (n_pixels - 2) // length
    # A quarter of the pairs is enough for a median and costs a quarter of the time.
    every, last = (4 if length == BLOCK else 1), n_blocks * length
    step = np.abs(flux[:, 2 : last + 2 : every] - flux[:, :last:every])
    noise = 1.4826 / np.sqrt(2) * np.median(step.reshape(len(flux), n_blocks, -1), axis=2)
    # 25 pairs alone would scatter by a fifth; the mean with the blocks beside them halves that.
    missing = -(-n_pixels // BLOCK) - n_blocks
    noise = np.pad(noise, ((0, 0), (0, missing)), mode="edge")
    return uniform_filter1d(noise, 3, axis=1, mode="nearest")


@each_spectrum
def clip_spikes(flux, threshold=5.0, sharpness=0.8):
    """Bridge dead pixels and replace cosmic-ray spikes of one or two pixels.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    threshold : float
        How far, in units of the local noise, a pixel must stand out from both pixels two steps
        away.
    sharpness : float, 0 to 1
        Which part of the pixel's height above the continuum must vanish in a 5-pixel running
        median. A spike of one or two pixels loses nearly all of it. Of the [O III] lines of
        simulated galaxies fewer than one in 100 is changed at 0.8, several times as many at 0.6
        (measured in lesson 02). In two of three real SDSS galaxies 0.8 still cuts the peak of a
        narrow Hβ or [O III]; 0.9 does not, but misses a few per cent of the spikes of two pixels.

    Returns
    -------
    ndarray
        Same shape and precision; spikes replaced by the median of the 5 pixels around them.

    Notes
    -----
    The noise is that of `measure_noise`: a few spikes do not change it. Same idea as the
    fine-structure test of van Dokkum (2001, PASP 113, 1420). Taught in lesson 02.
    """
    flux = bridge_zeros(flux)
    row, pixel = find_outstanding(flux, threshold)
    place = np.abs(pixel[:, None] + np.arange(-REACH, REACH + 1))  # mirrored at both ends
    end = flux.shape[1] - 1
    window = flux[row[:, None], np.maximum(end - np.abs(end - place), 0)]
    value, before, after = (window[:, REACH + step] for step in (0, -2, 2))
    near = np.median(window[:, REACH - 2 : REACH + 3], axis=1)
    level = np.median(window, axis=1)
    height = value - level
    peak = (value - before) * (value - after) > 0  # a slope is no spike
    sharp = np.abs(value - near) > sharpness * np.abs(height)
    # Stars have narrow absorption lines, but none as deep as the continuum is high.
    possible = (height > 0) | (-height > sharpness * np.abs(level))
    spike = peak & sharp & possible
    flux[row[spike], pixel[spike]] = near[spike]
    return flux


def find_outstanding(flux, threshold):
    """Find pixels that stand out from both pixels two steps away; at an end there is only one.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, n_pixels)
    threshold : float
        In units of the local noise (`measure_noise`).

    Returns
    -------
    row, pixel : ndarray of int, shape (n_found,)
    """
    limit = np.repeat(threshold * measure_noise(flux), BLOCK, axis=1)[:, : flux.shape[1]]
    step = np.abs(flux[:, 2:] - flux[:, :-2])
    found = np.ones(flux.shape, bool)
    found[:, 2:] &= step > limit[:, 2:]  # above or below the pixel two to the left
    found[:, :-2] &= step > limit[:, :-2]  # and the one two to the right
    return np.nonzero(found)
