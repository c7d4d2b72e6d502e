"""Dust inside galaxies and quasars: how much light it takes at each rest wavelength."""

from functools import lru_cache

import numpy as np
from astropy import units

from spectra_helpers.simulate.grid import REST_WAVELENGTH

SMC_RV = 2.74  # Gordon et al. (2003, ApJ 594, 279)
CALZETTI_RV = 4.05  # Calzetti et al. (2000, ApJ 533, 682)


@lru_cache(maxsize=1)
def _smc_table():
    from dust_extinction.averages import G03_SMCBar  # slow to import: only where it is used

    wavelength = np.geomspace(1005.0, 30000.0, 400)
    return np.log(wavelength), SMC_RV * G03_SMCBar()(wavelength * units.AA)


def smc_extinction(wavelength, ebv):
    """Transmission of dust like that of the Small Magellanic Cloud, as quasars have.

    Parameters
    ----------
    wavelength : ndarray
        Rest wavelength, Å; below 1005 Å the value there is used.
    ebv : float
        E(B-V), mag.

    Returns
    -------
    ndarray
        Between 0 and 1. Law: Gordon et al. (2003), the bar of the Cloud, from `dust_extinction`;
        that quasars follow it: Hopkins et al. (2004, AJ 128, 1112).
    """
    ln_wavelength, curve = _smc_table()
    return 10 ** (-0.4 * ebv * np.interp(np.log(wavelength), ln_wavelength, curve))


def calzetti_curve(wavelength):
    """Return k(λ) = A(λ) / E(B-V) of starburst galaxies (Calzetti et al. 2000, eq. 4).

    Parameters
    ----------
    wavelength : ndarray
        Rest wavelength, Å; the law holds from 1200 Å to 2.2 µm and is continued below.
    """
    x = 1e4 / np.maximum(np.asarray(wavelength, dtype=float), 1000.0)
    blue = 2.659 * (-2.156 + 1.509 * x - 0.198 * x**2 + 0.011 * x**3) + CALZETTI_RV
    red = 2.659 * (-1.857 + 1.040 * x) + CALZETTI_RV
    return np.where(x > 1 / 0.63, blue, red)


@lru_cache(maxsize=1)
def rest_calzetti():
    """Return `calzetti_curve` at `REST_WAVELENGTH`, float32."""
    return calzetti_curve(REST_WAVELENGTH).astype(np.float32)
