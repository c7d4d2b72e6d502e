"""Put a spectrum onto other pixels without losing or gaining light."""

import numpy as np


def find_edges(wavelength):
    """Return the edges of pixels, midway between their centres, shape (n_pixels + 1,)."""
    middle = (wavelength[1:] + wavelength[:-1]) / 2
    first, last = 2 * wavelength[0] - middle[0], 2 * wavelength[-1] - middle[-1]
    return np.concatenate([[first], middle, [last]])


def rebin_flux(edges_in, flux, edges_out):
    """Rebin a spectrum so that the flux over any stretch of wavelength stays what it was.

    Parameters
    ----------
    edges_in : ndarray, shape (n_in + 1,)
        Rising edges of the pixels, Å.
    flux : ndarray, shape (n_in,)
        Mean flux density in each pixel.
    edges_out : ndarray, shape (n_out + 1,)
        Rising edges of the new pixels, Å. Where they lie outside `edges_in` there is no flux.

    Returns
    -------
    ndarray, shape (n_out,)
        Mean flux density in each new pixel.

    Notes
    -----
    The integral of the flux up to each old edge is a rising staircase joined by straight lines.
    Its value at the new edges, differenced, is the flux in each new pixel: the sum over the parts
    of old pixels in it (Carnall 2017, arXiv:1705.05165), without a loop.
    """
    integral = np.concatenate([[0.0], np.cumsum(flux * np.diff(edges_in))])
    return np.diff(np.interp(edges_out, edges_in, integral)) / np.diff(edges_out)
