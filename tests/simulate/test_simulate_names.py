"""Subtypes say what an astronomer would call the object."""

import numpy as np
import pytest

from spectra_helpers.simulate.absorbers import broad_absorption
from spectra_helpers.simulate.frame import FRAME_WAVELENGTH
from spectra_helpers.simulate.quasar_traits import draw_quasar
from spectra_helpers.simulate.star_population import name_type, simulate_star


@pytest.mark.parametrize(
    ("group", "teff", "name"),
    [("OB", 33900, "O9"), ("OB", 31000, "B0"), ("OB", 25500, "B1"), ("OB", 15500, "B5"),
     ("OB", 10300, "B9"), ("A", 9700, "A1"), ("G", 5770, "G2"), ("K", 4400, "K6"),
     ("M", 3890, "M0"), ("M", 3200, "M4"), ("M", 2860, "M6")],
)  # fmt: skip
def test_types_are_named_after_the_temperatures_of_dwarfs(group, teff, name):
    """Pecaut and Mamajek (2013), table 5, to a subtype."""
    assert name_type(group, teff) == name


def test_no_type_is_named_that_does_not_exist():
    kinds = {simulate_star(np.random.default_rng(i))[1]["subtype"] for i in range(800)}
    assert not kinds & {"O0V", "O1V", "O2V", "M7V", "M8V", "M9V", "M7III", "M8III", "M9III"}
    assert {"M0V", "M4V"} <= kinds


def test_quasars_are_named_after_troughs_that_can_be_seen():
    """Where a trough is named, light is missing blueward of its line inside the window."""
    edge = {"high": 1549, "low": 2800, "iron": 2400}
    rng, named, unseen = np.random.default_rng(5), 0, 0
    for _ in range(4000):
        traits = draw_quasar(rng)
        if traits["absorption"] and not traits["subtype"].startswith("BAL"):
            unseen += 1
            assert (1 + traits["z"]) * edge[traits["absorption"]] < 4150
        elif traits["absorption"]:
            named += 1
            through = broad_absorption(traits["z"], traits["absorption"], rng)
            assert through[FRAME_WAVELENGTH > 3900].min() < 0.9
    assert named > 100
    assert unseen > 100
