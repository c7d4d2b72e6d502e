"""How long does preparing take beside reading and copying the same spectra, with what memory?

``python -m benchmarks.prepare_time`` simulates 10,000 spectra, prepares them and, ten times over,
100,000 of them, and prints both ratios and the memory beside the spectra themselves. Less than a
minute on two cores.
"""

import tempfile
import tracemalloc
from pathlib import Path

import numpy as np

from benchmarks.costs import N_BIG, N_FILE, measure_preparing
from spectra_helpers.files import read_spectra
from spectra_helpers.preprocess import SpectrumPreprocessor
from spectra_helpers.simulate import simulate_to_file

BAR = 4  # times reading and copying
ROUNDS = 5


def measure_memory(flux):
    """Return the most memory that preparing takes beside spectra and result, in GB."""
    prepare = SpectrumPreprocessor().fit(flux[:1])
    tracemalloc.start()
    result = prepare.transform(flux)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (peak - result.nbytes) / 1e9


def main():
    """Measure time and memory, and print them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.fits"
        simulate_to_file(path, N_FILE, seed=1)
        ratios = [measure_preparing(path) for _ in range(ROUNDS)]
        flux = read_spectra(path).flux
    numbers = ", ".join(f"{ratio:.2f}" for ratio in sorted(ratios))
    print(f"{N_FILE:,} spectra: preparing over reading and copying {numbers} (bar: {BAR}).")
    memory = measure_memory(np.tile(flux, (N_BIG // N_FILE, 1)))
    print(f"{N_BIG:,} spectra: {memory:.2f} GB beside the spectra and the result.")


if __name__ == "__main__":
    main()
