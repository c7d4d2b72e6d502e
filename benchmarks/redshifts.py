"""How well template matching knows redshifts, and what the gap to the runner-up says of it.

Run it with ``python -m benchmarks.redshifts``; it trains on the `lesson` tier as `spectra train`
does, measures 1,500 other spectra of each simulated survey, and prints what data/README.md tells.
About half a minute on two cores.
"""

from itertools import pairwise

import numpy as np

from spectra_helpers.data import CLASSES
from spectra_helpers.lessons import load_lesson_data
from spectra_helpers.models import find_matcher
from spectra_helpers.preprocess import SpectrumPreprocessor
from spectra_helpers.simulate import simulate_survey
from spectra_tools.command.train import fit_prepared, learn_redshifts

LIGHT = 299_792  # km/s
GAPS = (-np.inf, 10, 25, 50, 100, np.inf)


def main():
    """Measure and print."""
    train = load_lesson_data("lesson")
    train.flux[:] = SpectrumPreprocessor().fit_transform(train.flux)
    model = fit_prepared("templates", train.flux, train.label, seed=30)
    learn_redshifts(model, train)
    for survey, seed in (("published", 77), ("deep", 78)):
        test = simulate_survey(1500, seed, survey=survey)
        found = find_matcher(model).measure_redshifts(model[0].transform(test.flux))
        print(f"{survey} survey, seed {seed}")
        print_errors(test, found)
        print_gaps(test, found)


def measure_error(test, found):
    """Return |Δz| / (1 + z), shape (n_spectra,)."""
    z = np.asarray(test.truth["z"])
    return np.abs(found.z - z) / (1 + z)


def print_errors(test, found):
    """Print how far off redshifts are where the class is right."""
    error = measure_error(test, found)
    for k, name in enumerate(CLASSES):
        own = error[(test.label == k) & (found.label == k)]
        parts = ", ".join(f"{np.mean(own < limit):.3f} < {limit}" for limit in (0.01, 0.003))
        print(f"  {name}: {len(own)} spectra; {parts}; median {LIGHT * np.median(own):.0f} km/s")


def print_gaps(test, found):
    """Print, of galaxies and quasars by their gap, how many have class and redshift right."""
    right = (measure_error(test, found) < 0.01) & (found.label == test.label)
    for low, high in pairwise(GAPS):
        some = (found.gap >= low) & (found.gap < high) & (test.label < 2)
        share = f"{right[some].mean():.2f} right" if some.any() else ""
        print(f"  gap {low:g} to {high:g}: {some.sum()} galaxies and quasars {share}")


if __name__ == "__main__":
    main()
