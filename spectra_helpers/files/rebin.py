"""Put a spectrum onto other pixels without losing or gaining light."""

import numpy as np
from scipy.ndimage import median_filter

END_PIXELS = 50  # an end that is not covered continues at the median of so many good pixels
BRIDGE_PIXELS = 5  # a gap is bridged between medians of so many good pixels
SLIVER = 1e-9  # a smaller share of a pixel comes from the rounding of edges


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


def rebin_ivar(edges_in, ivar, edges_out):
    """Rebin the inverse variance of a spectrum, for flux that `rebin_flux` has rebinned.

    Parameters
    ----------
    edges_in : ndarray, shape (n_in + 1,)
        Rising edges of the pixels, Å.
    ivar : ndarray, shape (n_in,)
        Inverse variance of the flux density in each pixel; 0 where nothing was measured.
    edges_out : ndarray, shape (n_out + 1,)
        Rising edges of the new pixels, Å.

    Returns
    -------
    ndarray, shape (n_out,)
        Inverse variance of each new pixel alone; 0 where a part of it was not measured.

    Notes
    -----
    The new flux is the mean of the old ones, weighted by the share w of the new pixel that each of
    them covers, so its variance is the sum of w² / `ivar`. An old pixel across an edge gives its
    noise to both new ones. They are correlated, and that is ignored here: the mean of several new
    pixels is noisier than their inverse variances say.
    """
    cuts = np.union1d(edges_in, edges_out)
    cuts = cuts[(cuts >= edges_out[0]) & (cuts <= edges_out[-1])]
    middle = (cuts[1:] + cuts[:-1]) / 2
    old, new = (np.searchsorted(edges, middle) - 1 for edges in (edges_in, edges_out))
    share = np.diff(cuts) / np.diff(edges_out)[new]
    real = share > SLIVER
    around = np.concatenate([[0.0], ivar, [0.0]])  # beyond the ends nothing was measured
    with np.errstate(divide="ignore"):
        variance = np.bincount(new[real], share[real] ** 2 / around[old[real] + 1])
        return 1 / variance


def mend_flux(wavelength, flux, bad, edges_out):
    """Bridge bad pixels, and continue both ends where the new grid reaches further.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        Å, rising.
    bad : ndarray of bool, shape (n_pixels,)
        Pixels to bridge by a straight line between the medians of five good ones on both sides.
    edges_out : ndarray
        Edges of the new grid, Å. An end that is not covered stays at the median of 50 good pixels.

    Returns
    -------
    edges, flux : ndarray, shapes (n + 1,) and (n,)
        What `rebin_flux` takes.
    """
    good = np.flatnonzero(~bad)
    blue, red = (np.median(flux[part]) for part in (good[:END_PIXELS], good[-END_PIXELS:]))
    smooth = median_filter(flux[good], BRIDGE_PIXELS, mode="nearest")
    mended = flux.copy()
    mended[bad] = np.interp(wavelength[bad], wavelength[good], smooth, left=blue, right=red)
    edges = find_edges(wavelength)
    if edges_out[0] < edges[0]:
        edges, mended = np.r_[edges_out[0], edges], np.r_[blue, mended]
    if edges_out[-1] > edges[-1]:
        edges, mended = np.r_[edges, edges_out[-1]], np.r_[mended, red]
    return edges, mended
