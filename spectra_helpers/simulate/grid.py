"""The two wavelength grids of the simulation and the flux-conserving step between them."""

import numpy as np

from spectra_helpers.data import WAVELENGTH

LOG_STEP = 1e-4  # in ln λ: 30 km/s, five pixels within LAMOST's resolution
REST_WAVELENGTH = np.exp(np.arange(np.log(700.0), np.log(9800.0), LOG_STEP))  # vacuum Å
REST_EDGES = REST_WAVELENGTH[0] * np.exp(LOG_STEP * (np.arange(len(REST_WAVELENGTH) + 1) - 0.5))

PADDING = 40  # pixels beyond each end, so that the instrument's blur has something to work on
STEP = WAVELENGTH[1] - WAVELENGTH[0]
OBSERVED_WAVELENGTH = WAVELENGTH[0] + STEP * np.arange(-PADDING, len(WAVELENGTH) + PADDING)
OBSERVED_EDGES = np.append(OBSERVED_WAVELENGTH - STEP / 2, OBSERVED_WAVELENGTH[-1] + STEP / 2)


def redshift_to_grid(rest_flux, z):
    """Shift a rest-frame spectrum to redshift `z` and rebin it, conserving flux.

    Parameters
    ----------
    rest_flux : ndarray, shape (len(REST_WAVELENGTH),)
        Flux density per Å at `REST_WAVELENGTH`.
    z : float
        Redshift (or radial velocity / c). `z` above 4.5 runs out of the rest-frame grid's blue end.

    Returns
    -------
    ndarray, shape (len(OBSERVED_WAVELENGTH),)
        Mean flux density in each observed pixel (arbitrary scale).
    """
    edges = OBSERVED_EDGES / (1 + z)
    first = np.searchsorted(REST_EDGES, edges[0]) - 1
    last = np.searchsorted(REST_EDGES, edges[-1]) + 2
    if first < 0 or last > len(REST_EDGES):
        raise ValueError(f"Redshift {z:.3f} is outside the simulation: use -0.005 to 4.5.")
    area = rest_flux[first : last - 1] * np.diff(REST_EDGES[first:last])
    cumulative = np.concatenate([[0.0], np.cumsum(area)])
    return np.diff(np.interp(edges, REST_EDGES[first:last], cumulative)) / np.diff(edges)
