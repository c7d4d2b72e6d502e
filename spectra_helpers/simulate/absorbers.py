"""What lies before a quasar: outflows, metal systems, Lyman-alpha forest, Lyman limit."""

from functools import lru_cache

import numpy as np

from spectra_helpers.simulate.frame import (
    FRAME_WAVELENGTH,
    LOG_STEP,
    N_FRAME,
    blur,
    gaussian_transform,
    place_lines,
)

LYMAN_ALPHA, LYMAN_BETA, LYMAN_LIMIT = 1215.67, 1025.72, 911.76  # vacuum Å
LYMAN_BETA_STRENGTH = 0.1603  # (f λ) of Lyβ over (f λ) of Lyα (Morton 2003, ApJS 149, 205)
FOREST_SCATTER = (
    2.0  # of ln(optical depth): the log-normal model of Bi & Davidsen (1997, ApJ 479, 523)
)

# Outflow troughs: vacuum Å and optical depth over C IV's (Hamann et al. 2019, MNRAS 483, 1808);
# wavelengths from Morton (2003). High: every broad absorption line quasar. Low and iron: rarer
# (Trump et al. 2006).
HIGH_TROUGHS = np.array([
    (1031.93, 0.6), (1037.62, 0.6), (1215.67, 0.4), (1238.82, 0.7), (1242.80, 0.7),
    (1393.76, 0.3), (1402.77, 0.3), (1548.20, 0.5), (1550.78, 0.5),
])  # fmt: skip
LOW_TROUGHS = np.array([
    (1334.53, 0.3), (1526.71, 0.15), (1670.79, 0.3), (1854.72, 0.4), (1862.79, 0.4),
    (2796.35, 0.6), (2803.53, 0.6),
])  # fmt: skip
IRON_TROUGHS = np.array([
    (1608.45, 0.2), (2344.21, 0.6), (2374.46, 0.4), (2382.76, 1.0), (2396.0, 0.6), (2410.0, 0.5),
    (2586.65, 0.6), (2600.17, 1.0), (2612.0, 0.6), (2626.0, 0.5), (2740.0, 0.4), (2750.0, 0.5),
])  # fmt: skip

# Narrow metal lines: vacuum Å and equivalent width over Mg II 2796 or C IV 1548 (York et al. 2006,
# MNRAS 367, 945, composite of 809 Mg II systems).
MAGNESIUM_SYSTEM = np.array([
    (1670.79, 0.35), (1854.72, 0.15), (2344.21, 0.38), (2374.46, 0.22), (2382.76, 0.52),
    (2586.65, 0.35), (2600.17, 0.53), (2796.35, 1.00), (2803.53, 0.80), (2852.96, 0.18),
    (3934.78, 0.08), (3969.59, 0.05),
])  # fmt: skip
CARBON_SYSTEM = np.array([
    (1238.82, 0.15), (1242.80, 0.10), (1393.76, 0.45), (1402.77, 0.30), (1548.20, 1.00),
    (1550.78, 0.65), (1260.42, 0.25), (1302.17, 0.15), (1334.53, 0.30), (1526.71, 0.20),
])  # fmt: skip


def effective_optical_depth(z):
    """Return -ln(mean Lyα transmission) at `z`: Becker et al. (2013, MNRAS 430, 2067, eq. 5)."""
    return 0.751 * ((1 + z) / 4.5) ** 2.90 - 0.132


@lru_cache(maxsize=1)
def _depth_scale_table():
    """Tabulate effective optical depth against the scale A of tau = A exp(s x), x ~ N(0, 1)."""
    node, weight = np.polynomial.hermite_e.hermegauss(64)
    scale = np.logspace(-4, 2, 200)
    mean = np.exp(-scale[:, None] * np.exp(FOREST_SCATTER * node)) @ weight / weight.sum()
    return -np.log(mean), np.log(scale)


def forest_transmission(z, rng):
    """Transmission of the Lyman-alpha and beta forests before a quasar.

    Parameters
    ----------
    z : float
        Redshift of the quasar.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (N_FRAME,)
        Between 0 and 1; 1 redward of Lyα. Its mean is exp(-tau_eff) at the redshift of the gas.
    """
    gas_z = np.maximum(FRAME_WAVELENGTH / LYMAN_ALPHA - 1, 1.8)
    depth, ln_scale = _depth_scale_table()
    # Two scales of clumping: the Jeans scale and large-scale structure (McDonald et al. 2006).
    fine, coarse = (_unit_field(rng, s) for s in (60.0, 400.0))
    field = FOREST_SCATTER * (np.sqrt(0.8) * fine + np.sqrt(0.2) * coarse)
    tau = np.exp(np.interp(effective_optical_depth(gas_z), depth, ln_scale) + field)
    tau[LYMAN_ALPHA * (1 + z) < FRAME_WAVELENGTH] = 0
    # The quasar ionizes its own surroundings over about 3000 km/s (Calverley et al. 2011).
    distance = np.log(LYMAN_ALPHA * (1 + z) / FRAME_WAVELENGTH) / 0.01
    tau *= 1 - 0.8 * np.exp(-np.maximum(distance, 0))
    shift = round(np.log(LYMAN_ALPHA / LYMAN_BETA) / LOG_STEP)
    beta = np.concatenate([tau[shift:], np.zeros(shift)])
    return np.exp(-tau - LYMAN_BETA_STRENGTH * beta)


def _unit_field(rng, scale):
    """Draw a Gaussian random field of unit variance, smooth over `scale` km/s."""
    field = blur((rng.standard_normal(N_FRAME, dtype=np.float32), gaussian_transform(scale)))
    return (field - field.mean()) / field.std()


def hydrogen_absorbers(z, rng):
    """Transmission of damped Lyα systems and of the first Lyman-limit system before a quasar.

    Numbers: damped systems 0.055 (1 + z)^1.11 a unit of z (Rao et al. 2017, MNRAS 471, 3428),
    column densities from 2e20 to 5e21 atoms/cm2 by a power law of slope -2 (Noterdaeme et al.
    2012); Lyman-limit systems 1.46 ((1 + z) / 4)^1.70 a unit of z (Songaila & Cowie 2010).
    """
    depth = np.zeros(N_FRAME)
    path = max(z - 2.1, 0)
    for _ in range(rng.poisson(0.055 * (1 + z) ** 1.11 * path)):
        column = 2e20 / (1 - rng.uniform() * 0.96)
        offset = FRAME_WAVELENGTH / (1 + rng.uniform(2.1, z)) - LYMAN_ALPHA
        # Damping wings: tau = 1 at 2.92 Å from the centre for 2e20 atoms/cm2.
        depth += column / 2e20 * (2.92 / np.maximum(np.abs(offset), 0.5)) ** 2
    z_limit = max(z - rng.exponential(1 / (1.46 * ((1 + z) / 4) ** 1.70)), 0.0)
    strength = 10 ** rng.uniform(0.0, 1.5)
    ratio = FRAME_WAVELENGTH / (LYMAN_LIMIT * (1 + z_limit))
    depth += np.where(ratio < 1, strength * ratio**3, 0)
    return np.exp(-np.minimum(depth, 50))


def metal_absorbers(z, rng):
    """Transmission of narrow metal lines of galaxies on the way, and of the quasar's own gas.

    Numbers a unit of z and mean equivalent widths: Mg II 0.8, 0.7 Å (Nestor et al. 2005, ApJ 628,
    637); C IV 2, 0.4 Å (Cooksey et al. 2013, ApJ 763, 37). Returns None when there is none.
    """
    wavelength, area = [], []
    for system, number, mean_width, z_low in (
        (MAGNESIUM_SYSTEM, 0.8, 0.7, 0.37),
        (CARBON_SYSTEM, 2.0, 0.4, 1.47),
    ):
        for _ in range(rng.poisson(number * max(min(z, 2.4 + z_low) - z_low, 0))):
            factor = 1 + rng.uniform(z_low, z)
            wavelength.append(system[:, 0] * factor)
            area.append(system[:, 1] * rng.exponential(mean_width) * factor)
    if not wavelength:
        return None
    lines = place_lines(np.concatenate(wavelength), np.concatenate(area), 0.0)
    return np.exp(-np.maximum(blur((lines, gaussian_transform(80.0))), 0))


def broad_absorption(z, kind, rng):
    """Transmission of an outflow with broad absorption lines.

    Parameters
    ----------
    z : float
        Redshift of the quasar.
    kind : {"high", "low", "iron"}
        Ions that absorb: C IV and its like; also Mg II and Al III; also Fe II.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (N_FRAME,)
        Velocities reach from 0-15,000 to 3,000-25,000 km/s, as in Gibson et al. (2009, ApJ 692,
        758).
    """
    tables = {"high": 1, "low": 2, "iron": 3}[kind]
    lines = np.concatenate([HIGH_TROUGHS, LOW_TROUGHS, IRON_TROUGHS][:tables])
    slowest = rng.exponential(4000.0)
    width = 2000 + rng.exponential(4000.0)
    velocity = -(slowest + width * rng.uniform(size=(rng.integers(3, 9), 1)))
    share = rng.dirichlet(np.ones(len(velocity)))[:, None]
    depth = (
        10 ** rng.uniform(0.0, 0.9) * width / 3e5
    )  # optical depth of C IV times its width in ln λ
    area = depth * share * lines[:, 1] * lines[:, 0] * (1 + z)
    tau = blur(
        (
            place_lines(
                np.tile(lines[:, 0], len(share)), area.ravel(), z, np.repeat(velocity, len(lines))
            ),
            gaussian_transform(rng.uniform(300.0, 1200.0)),
        )
    )
    covering = rng.uniform(0.5, 1.0)
    return 1 - covering * (1 - np.exp(-np.maximum(tau, 0)))
