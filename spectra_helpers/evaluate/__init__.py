"""How good a model is: scores, calibration, what it is sensitive to (lessons 05 to 07)."""

from spectra_helpers.evaluate.calibration import (
    apply_temperature,
    bound_part,
    calibration_interval,
    compute_coverage,
    expected_calibration_error,
    fit_temperature,
    reliability_bins,
    score_coverage,
)
from spectra_helpers.evaluate.intervals import (
    adjust_p,
    bootstrap_intervals,
    compare_paired,
)
from spectra_helpers.evaluate.mix import LAMOST_COUNTS, change_mix, check_mix, implied_mix
from spectra_helpers.evaluate.scores import (
    confusion,
    measure_kappa,
    score_predictions,
    score_threshold,
)
from spectra_helpers.evaluate.sensitivity import degrade_to_snr, estimate_snr, occlusion_map

__all__ = [
    "LAMOST_COUNTS",
    "adjust_p",
    "apply_temperature",
    "bootstrap_intervals",
    "bound_part",
    "calibration_interval",
    "change_mix",
    "check_mix",
    "compare_paired",
    "compute_coverage",
    "confusion",
    "degrade_to_snr",
    "estimate_snr",
    "expected_calibration_error",
    "fit_temperature",
    "implied_mix",
    "measure_kappa",
    "occlusion_map",
    "reliability_bins",
    "score_coverage",
    "score_predictions",
    "score_threshold",
]
