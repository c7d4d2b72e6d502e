"""How long does `spectra simulate` take, and how much memory?

``python -m benchmarks.simulate_time`` makes 10,000 spectra five times, the whole command with its
start and its file, prints the table of data/README.md and writes ``benchmarks/simulate_time.json``.
About a minute and a half on two cores.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from subprocess import DEVNULL
from time import perf_counter, sleep

import numpy as np
import psutil
from tqdm import tqdm

from spectra_helpers.files import replace_when_done

RESULT = Path(__file__).with_suffix(".json")
COMMAND = "import sys; from spectra_tools.command.main import app; sys.argv[0] = 'spectra'; app()"
N_SPECTRA, TIMES = 10_000, 5
BARS = {"seconds": 15, "memory, GB": 1.5}


def run_spectra(words, **streams):
    """Run `spectra` once; return its seconds and the most memory its processes held, GB."""
    begin, peak = perf_counter(), 0
    process = psutil.Popen([sys.executable, "-c", COMMAND, *words], **streams)
    while process.poll() is None:
        try:
            family = [process, *process.children(recursive=True)]
            peak = max(peak, sum(member.memory_info().rss for member in family))
        except psutil.NoSuchProcess:
            pass  # one of them has just ended
        sleep(0.1)
    if process.returncode:
        raise RuntimeError(f"`spectra {words[0]}` ended with exit code {process.returncode}.")
    return perf_counter() - begin, peak / 1e9


def make_table(results):
    """Format the results as a Markdown table."""
    seconds, memory = np.array(results["runs"]).T
    return "\n".join([
        f"| `spectra simulate --n {N_SPECTRA}` | median of {len(seconds)} runs | range | bar |",
        "| --- | --- | --- | --- |",
        f"| seconds, whole command | {np.median(seconds):.1f} "
        f"| {seconds.min():.1f}–{seconds.max():.1f} | ≤ {BARS['seconds']} |",
        f"| memory of all processes, GB | {np.median(memory):.2f} "
        f"| {memory.min():.2f}–{memory.max():.2f} | ≤ {BARS['memory, GB']} |",
    ])  # fmt: skip


def main():
    """Run the command several times, write the results and print the table."""
    results = {"cores": os.cpu_count(), "load before": round(psutil.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "survey.fits")
        words = ["simulate", path, "--n", str(N_SPECTRA), "--force"]
        results["runs"] = [run_spectra(words, stderr=DEVNULL) for _ in tqdm(range(TIMES))]
    with replace_when_done(RESULT) as part:
        part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(make_table(results))


if __name__ == "__main__":
    main()
