"""Quasars of deep surveys, and the border between quasars and galaxies with its rule."""

import math

import numpy as np

from spectra_helpers.simulate.kinds import draw_kind
from spectra_helpers.simulate.quasar_traits import draw_redshift, draw_traits
from spectra_helpers.simulate.quasars import render_with_host

# Redshifts: share, mean, sigma, lowest, highest. BOSS, eBOSS and DESI (Pâris et al. 2018, A&A 613,
# A51; Chaussidon et al. 2023, ApJ 944, 107): most at 0.8-3.5, with tails to 0.1 and 5.
REDSHIFT_MIXTURE = (
    (0.15, 0.5, 0.25, 0.08, 1.0),
    (0.45, 1.4, 0.55, 0.50, 2.6),
    (0.30, 2.6, 0.45, 1.9, 3.6),
    (0.10, 3.8, 0.60, 3.2, 5.0),
)
# Kinds as in the published survey, with more weak-lined ones (Diamond-Stanic et al. 2009, ApJ 699,
# 782). No blazar without lines: a featureless continuum tells no class, so none is taught.
KINDS = {"typical": 0.91, "seyfert": 0.03, "narrow-line": 0.03, "weak-line": 0.03}
FAINTER = 0.4  # mean, dex: one magnitude deeper than SDSS (Chaussidon et al. 2023: r < 23)

# The border. A galaxy's own light takes the share `host` of all light at 4200-4800 Å as observed,
# after the dust before the nucleus. Above `BORDER` the object is labelled galaxy (a Seyfert 1.8 or
# 1.9: broad Hα on a galaxy's spectrum), below it quasar. Observed, not at rest: a red galaxy with a
# broad Mg II line in its faint ultraviolet is called a quasar. At the border a nearby nucleus gives
# broad Hβ an equivalent width near 15 Å in the whole light, about where SDSS's pipeline changes
# from GALAXY BROADLINE to QSO (Bolton et al. 2012, AJ 144, 144; Oh et al. 2015, ApJS 219, 1).
BORDER = 0.6
# At 5100 Å at rest, before dust: mean and sigma of ln(host / (1 - host)); 0.2 to 0.98 of the light
HOST_LOGIT = (1.3, 1.5)
BORDER_REDSHIFTS = (0.02, 0.75, 1.3, 2.0)  # lowest, highest, exponents of a beta distribution


def simulate_quasar(rng):
    """Simulate one quasar of a deep survey; a few have so much host light that they are galaxies.

    Parameters and returned values as of `simulate_border`.
    """
    kind = draw_kind(rng, KINDS)
    z = draw_redshift(kind, rng, REDSHIFT_MIXTURE)
    return _label_by_host(draw_traits(kind, z, rng, fainter=rng.exponential(FAINTER)), rng)


def simulate_border(rng):
    """Simulate an active galaxy of the border, from hardly any host light to hardly any nucleus.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    flux : ndarray, shape (len(OBSERVED_WAVELENGTH),)
        Flux density per Å; its median is 1.
    facts : dict
        ``label`` (0 galaxy, 1 quasar) after `BORDER`, ``host`` (0 to 1), ``z``, ``subtype``.
    """
    low, high, *shape = BORDER_REDSHIFTS
    traits = draw_traits("seyfert", low + (high - low) * rng.beta(*shape), rng, fainter=1.0)
    traits["host_fraction"] = 1 / (1 + math.exp(-rng.normal(*HOST_LOGIT)))
    # Seyferts 1.8 and 1.9 are reddened: E(B-V) 0.3-1 (Dong et al. 2005, ApJ 620, 629).
    traits["ebv"] = rng.exponential(0.35) if rng.random() < 0.4 else rng.exponential(0.05)
    return _label_by_host(traits, rng)


def _label_by_host(traits, rng):
    """Render an active galaxy and label it by the share of its host's light."""
    flux, host = render_with_host(traits, rng)
    is_galaxy = host > BORDER
    facts = {"label": 0 if is_galaxy else 1, "host": host, "z": traits["z"]}
    facts["subtype"] = "broad-line" if is_galaxy else traits["subtype"]
    return flux / np.median(flux), facts
