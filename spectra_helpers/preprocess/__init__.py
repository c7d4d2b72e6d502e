"""Make spectra fit for a model: scale them, repair them, smooth them (lesson 02)."""

from spectra_helpers.preprocess.normalize import (
    continuum_normalize,
    energy_normalize,
    median_normalize,
)
from spectra_helpers.preprocess.prepare import SpectrumPreprocessor
from spectra_helpers.preprocess.repair import (
    BLOCK,
    bridge_noisy,
    bridge_zeros,
    clip_spikes,
    measure_noise,
)
from spectra_helpers.preprocess.rows import SpectrumStep, all_spectra, check_flux, each_spectrum
from spectra_helpers.preprocess.smooth import fit_locally, smooth_savgol

__all__ = [
    "BLOCK",
    "SpectrumPreprocessor",
    "SpectrumStep",
    "all_spectra",
    "bridge_noisy",
    "bridge_zeros",
    "check_flux",
    "clip_spikes",
    "continuum_normalize",
    "each_spectrum",
    "energy_normalize",
    "fit_locally",
    "measure_noise",
    "median_normalize",
    "smooth_savgol",
]
