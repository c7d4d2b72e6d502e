"""What the night sky and the air leave in a spectrum: airglow lines and telluric bands."""

from functools import lru_cache

import numpy as np

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.lines import ARM_JOIN
from spectra_helpers.simulate.grid import OBSERVED_WAVELENGTH

# Night-sky emission, vacuum Å and relative strength: [O I], Na, and the strong OH lines
# (Osterbrock et al. 1996, PASP 108, 277; strengths rounded).
AIRGLOW = (
    (5578.9, 5.0), (5891.6, 0.7), (5897.6, 0.5), (6302.0, 3.0), (6365.5, 1.2), (6865.8, 0.3),
    (7242.0, 0.4), (7278.3, 0.8), (7286.2, 0.4), (7318.3, 0.7), (7331.3, 0.6), (7342.9, 0.9),
    (7360.6, 0.4), (7371.5, 0.6), (7403.9, 0.4), (7526.0, 0.4), (7714.6, 0.4), (7726.8, 0.5),
    (7752.8, 1.2), (7782.0, 0.5), (7796.5, 1.3), (7810.7, 0.5), (7823.3, 1.2), (7843.4, 0.7),
    (7855.4, 0.9), (7871.2, 0.4), (7892.2, 0.4), (7915.8, 1.3), (7923.5, 0.5), (7951.5, 0.5),
    (7966.8, 1.2), (7995.6, 1.2), (8016.5, 0.3), (8027.8, 0.9), (8064.5, 0.5), (8290.9, 0.4),
    (8301.0, 0.8), (8313.5, 0.3), (8346.9, 1.5), (8355.0, 0.4), (8384.0, 0.4), (8401.5, 1.8),
    (8417.7, 0.8), (8432.5, 1.9), (8454.5, 1.0), (8467.7, 1.7), (8496.0, 0.7), (8507.3, 1.5),
    (8550.7, 0.6), (8762.5, 0.6), (8770.0, 1.2), (8780.7, 1.6), (8793.3, 1.8), (8812.7, 1.0),
    (8829.6, 1.9), (8838.7, 1.6), (8852.1, 1.1), (8870.2, 1.8), (8888.0, 2.4), (8905.4, 1.9),
    (8922.1, 2.3), (8945.6, 2.1), (8960.5, 1.9), (8990.9, 1.6),
)  # fmt: skip
# O2 and H2O bands of the atmosphere, vacuum Å: head, fading length to the red, depth at airmass 1.2
TELLURIC = ((6868.5, 26.0, 0.35), (7594.5, 34.0, 0.75), (7170.0, 60.0, 0.08), (8145.0, 90.0, 0.10))
OXYGEN_ROTATION = 13.0  # Å between the two branches of an O2 band


@lru_cache
def _line_profiles():
    """Airglow lines as the spectrograph sees them, and their slopes: shape (3000, 2 * n_lines)."""
    from scipy.sparse import csr_array  # slow to import: only where it is used

    centers, strengths = np.array(AIRGLOW).T
    sigma = np.where(centers < np.mean(ARM_JOIN), 1.3, 1.8)  # Å
    x = (WAVELENGTH[:, None] - centers) / sigma
    profiles = np.where(np.abs(x) < 6, strengths * np.exp(-0.5 * x**2), 0)
    return csr_array(np.hstack([profiles, -1.6 * x * profiles]).astype("float32"))


@lru_cache
def sum_airglow():
    """Return the airglow lines added up, in units of the strengths, shape (3000,)."""
    return _line_profiles()[:, : len(AIRGLOW)].sum(axis=1)


@lru_cache
def sum_telluric():
    """Return which part of the light the bands take at airmass 1.2, on the observed grid."""
    depth = np.zeros(len(OBSERVED_WAVELENGTH))
    for head, fade, strength in TELLURIC:
        x = OBSERVED_WAVELENGTH - head
        branches = np.exp(-0.5 * ((x - 4) / 3) ** 2) + np.where(x > 8, np.exp(-(x - 8) / fade), 0)
        gap = 1 - 0.35 * np.exp(-0.5 * ((x - OXYGEN_ROTATION) / 3) ** 2)
        depth += strength * np.clip(branches * gap, 0, 1)
    return depth.astype("float32")


def draw_sky_residual(sigma, rng):
    """Draw badly subtracted airglow: of wrong strength (a bump or dip), of wrong wavelength (both).

    One sign and scale a spectrum, scatter from line to line, as in the real LAMOST spectra, where
    [O I] 6302 swings by several sigma from bright to dark within four pixels.

    Parameters
    ----------
    sigma : ndarray, shape (3000,)
        Standard deviation of the noise, in units of flux.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (3000,)
        In the same units.
    """
    n = len(AIRGLOW)
    scale = rng.standard_normal(2) * rng.lognormal(0.3, 0.7, 2)
    strength = np.repeat(scale, n) * (1 + 0.3 * rng.standard_normal(2 * n))
    strength[[0, n]] = 2.0 * rng.standard_normal(2) * rng.exponential(1.0)  # 5577 goes its own way
    return sigma * (_line_profiles() @ strength.astype("float32"))
