"""Simulated surveys: sources (stars, galaxies, quasars), then the instrument."""

from spectra_helpers.simulate.survey import SURVEYS, VERSION, simulate_survey, simulate_to_file

__all__ = ["SURVEYS", "VERSION", "simulate_survey", "simulate_to_file"]
