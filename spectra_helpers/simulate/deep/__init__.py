"""The deep survey: the faint sky, its kinds of objects and its instruments (``survey="deep"``).

Bright spectra differ from faint ones not by noise alone: deep surveys meet other kinds of objects.
Each file adds to the file of the same name of the published survey.
"""

from spectra_helpers.simulate.deep.galaxies import simulate_galaxy
from spectra_helpers.simulate.deep.instrument import observe
from spectra_helpers.simulate.deep.quasars import simulate_border, simulate_quasar
from spectra_helpers.simulate.deep.stars import simulate_star

__all__ = ["observe", "simulate_border", "simulate_galaxy", "simulate_quasar", "simulate_star"]
