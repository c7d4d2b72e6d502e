"""A simulated survey: sources (stars, galaxies, quasars), then the instrument."""

from spectra_helpers.simulate.survey import VERSION, simulate_survey, simulate_to_file

__all__ = ["VERSION", "simulate_survey", "simulate_to_file"]
