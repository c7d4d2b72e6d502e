"""Rare kinds of the published sky, each alone: what a model has never seen (lesson 07).

In 4,000 spectra of the survey there are seven cataclysmic stars and some fifty quasars with broad
absorption lines: too few to tell how many of them an alarm finds.
"""

import numpy as np

from spectra_helpers.data import CLASSES
from spectra_helpers.simulate.quasar_traits import draw_quasar
from spectra_helpers.simulate.quasars import render_quasar
from spectra_helpers.simulate.star_population import HALO_SHARE, RARE, render_star


def simulate_cataclysmic(rng):
    """Simulate a cataclysmic star (CV), as `simulate_star` does."""
    flux, facts = render_star({"cataclysmic": 1.0}, RARE, HALO_SHARE, rng)
    return flux, {**facts, "label": CLASSES.index("star")}


def simulate_absorbed(rng):
    """Simulate a quasar with broad absorption lines (BAL), as `simulate_quasar` does."""
    traits = draw_quasar(rng)
    while not traits["absorption"]:
        traits = draw_quasar(rng)
    flux = render_quasar(traits, rng)
    facts = {name: traits[name] for name in ("z", "subtype")}
    return flux / np.median(flux), {**facts, "label": CLASSES.index("quasar")}
