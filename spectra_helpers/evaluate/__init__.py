"""How good a model is: scores, calibration, what it is sensitive to (lessons 05 to 07)."""

from spectra_helpers.evaluate.alarms import (
    catch_strange,
    measure_distance,
    score_alarm,
    trace_alarm,
)
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
from spectra_helpers.evaluate.intervals import adjust_p, bootstrap_intervals, compare_paired
from spectra_helpers.evaluate.labels import flip_at_border, flip_at_random, rank_suspects
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
    "catch_strange",
    "change_mix",
    "check_mix",
    "compare_paired",
    "compute_coverage",
    "confusion",
    "degrade_to_snr",
    "estimate_snr",
    "expected_calibration_error",
    "fit_temperature",
    "flip_at_border",
    "flip_at_random",
    "implied_mix",
    "measure_distance",
    "measure_kappa",
    "occlusion_map",
    "rank_suspects",
    "reliability_bins",
    "score_alarm",
    "score_coverage",
    "score_predictions",
    "score_threshold",
    "trace_alarm",
]
