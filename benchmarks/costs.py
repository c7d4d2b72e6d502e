"""What the models cost: time of preparing, speed of the network, time and memory of the whole job.

`benchmarks.against_published` and `benchmarks.train_costs` call these; they say nothing of how
often a model is right.
"""

from time import perf_counter

from tqdm import tqdm

from benchmarks.simulate_time import run_spectra
from spectra_helpers.files import read_spectra
from spectra_helpers.preprocess import SpectrumPreprocessor
from spectra_helpers.simulate import simulate_to_file

N_BIG, N_FILE = 100_000, 10_000


def measure_preparing(path):
    """Time of the preprocessing over that of reading the same array and copying it once."""
    begin = perf_counter()
    flux = read_spectra(path).flux
    flux.copy()
    floor = perf_counter() - begin
    prepare = SpectrumPreprocessor().fit(flux[:1])
    begin = perf_counter()
    prepare.transform(flux)
    return (perf_counter() - begin) / floor


def measure_speed(network, flux):
    """Spectra a second that the network predicts, from raw flux to probabilities."""
    network.predict_proba(flux[:1024])
    begin = perf_counter()
    network.predict_proba(flux)
    return len(flux) / (perf_counter() - begin)


def classify_in_process(paths, folder):
    """Run `spectra classify` in a process of its own; return its seconds and peak memory (GB)."""
    seconds, memory = run_spectra(["classify", *map(str, paths), "-o", str(folder)])
    return {"seconds": seconds, "peak memory, GB": memory}


def simulate_files(folder):
    """Simulate `N_BIG` spectra in files of `N_FILE`, as published; return their paths."""
    paths = [folder / f"big_{i:02d}.fits" for i in range(N_BIG // N_FILE)]
    for i, path in enumerate(tqdm(paths, "simulating", unit="file")):
        simulate_to_file(path, N_FILE, seed=2, first_row=i * N_FILE)
    return paths


def measure_growth(folder):
    """Run the whole job on one file of 10,000 spectra and on ten."""
    paths = simulate_files(folder)
    one, ten = (classify_in_process(part, folder / str(len(part))) for part in (paths[:1], paths))
    return {"10,000": one, "100,000": ten, "times longer": ten["seconds"] / one["seconds"]}
