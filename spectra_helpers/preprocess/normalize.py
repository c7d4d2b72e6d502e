"""Scale spectra: divide each by its energy, its median or its continuum (lesson 02)."""

import numpy as np

from spectra_helpers.preprocess.rows import each_spectrum


@each_spectrum
def energy_normalize(flux):
    """Divide each spectrum by its energy, the square root of the sum of its squares.

    Intensity mostly says how far away and how bright an object is; the shape says what it is.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)

    Returns
    -------
    ndarray
        Same shape and precision; the squares of each row sum to 1.

    Raises
    ------
    ValueError
        NaN, infinite or all-zero rows, wrong shape.

    Notes
    -----
    The published recipe's first step; taught in lesson 02.
    """
    return flux / np.sqrt(np.sum(flux**2, axis=1, keepdims=True))


@each_spectrum
def median_normalize(flux):
    """Divide each spectrum by its median, which spikes and strong lines hardly move.

    Parameters and errors as in `energy_normalize`. A row whose median is not above a hundredth of
    its root mean square (noise without light) is divided by the root mean square instead, because
    dividing by a median near zero would blow it up. Taught in lesson 02.

    Returns
    -------
    ndarray
        Same shape and precision; each row has a median of 1.
    """
    median = np.median(flux, axis=1, keepdims=True)
    rms = np.sqrt(np.mean(flux**2, axis=1, keepdims=True))
    return flux / np.where(median > 0.01 * rms, median, rms)


@each_spectrum
def continuum_normalize(flux, n_blocks=20):
    """Divide each spectrum by its own continuum, so that only lines and bands are left.

    The slope of a spectrum is lost on purpose: dust and flux calibration change it. Lesson 02.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    n_blocks : int
        The continuum joins the medians of so many blocks of equal length by straight lines. On the
        grid of 3,000 pixels 20 blocks are about 255 Å each: wider than any narrow line, so that
        lines stay.

    Returns
    -------
    ndarray
        Same shape and precision, near 1 where there is no line.

    Raises
    ------
    ValueError
        Rows as in `energy_normalize`; blocks of fewer than 3 pixels.
    """
    n_pixels = flux.shape[1]
    most = n_pixels // 3  # a median needs some pixels
    if not 1 <= n_blocks <= most:
        raise ValueError(f"n_blocks={n_blocks}: {n_pixels:,} pixels take 1 to {most:,} blocks.")
    length = n_pixels // n_blocks
    blocks = flux[:, : n_blocks * length].reshape(len(flux), n_blocks, length)
    level = np.median(blocks, axis=2)
    # Dividing by a continuum near zero would blow up the noise: a tenth of its mean is the least.
    least = 0.1 * np.abs(level).mean(axis=1, keepdims=True)
    least = np.where(least > 0, least, np.abs(flux).mean(axis=1, keepdims=True))
    level = np.maximum(level, least)
    middle = length // 2 + length * np.arange(n_blocks)
    # A block has its whole say in its middle, and less and less up to the middles beside it.
    say = [np.interp(np.arange(n_pixels), middle, one) for one in np.eye(n_blocks)]
    return flux / (level @ say)
