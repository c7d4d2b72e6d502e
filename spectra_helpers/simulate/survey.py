"""The simulated survey: sources seen through the instrument, row by row from a seed (lesson 01)."""

from pathlib import Path

import numpy as np
from astropy.table import Table
from joblib import Parallel, delayed
from tqdm import tqdm

from spectra_helpers.data import SpectraSet
from spectra_helpers.files import require_memory, require_output, require_space, write_spectra
from spectra_helpers.simulate.galaxies import simulate_galaxy
from spectra_helpers.simulate.instrument import observe
from spectra_helpers.simulate.kinds import draw_kind
from spectra_helpers.simulate.quasars import simulate_quasar
from spectra_helpers.simulate.star_population import simulate_star

VERSION = 4  # raise it when the same seed gives other spectra, so that old files are made anew
CLASS_SHARES = (0.3427, 0.1011, 0.5562)  # galaxy, quasar, star in the published file 01
SOURCES = (simulate_galaxy, simulate_quasar, simulate_star)
ROWS_A_TASK = 100
BYTES_ON_DISK, BYTES_IN_MEMORY = 24_070, 12_500  # of one spectrum and its row of the tables


def simulate_spectrum(seed, row, noiseless=False):
    """Simulate one spectrum; it depends on `seed` and `row` alone.

    Parameters
    ----------
    seed : int
        Of the survey, 0 or more.
    row : int
        Which spectrum of the survey.
    noiseless : bool
        As in `simulate_survey`.

    Returns
    -------
    flux : ndarray, shape (3000,), float32
        Raw survey flux.
    facts : dict
        ``label`` (0 galaxy, 1 quasar, 2 star), and the truth table's ``z``, ``subtype``, ``snr``,
        ``ebv`` (mag) and ``flags``.
    """
    rng = np.random.default_rng([seed, row])
    label = draw_kind(rng, dict(enumerate(CLASS_SHARES)))
    source, facts = SOURCES[label](rng)
    flux, observation = observe(source, label, rng, noiseless)
    return flux, {"label": label, **facts, **observation}


def _simulate_rows(seed, rows, noiseless):
    return [simulate_spectrum(seed, row, noiseless) for row in rows]


def simulate_survey(n=10_000, seed=1, first_row=0, workers=-1, progress=False, noiseless=False):
    """Simulate a survey with the class mix of the published file.

    Parameters
    ----------
    n : int
        Number of spectra.
    seed : int
        The same seed gives the same spectra, whatever `n` and `workers`.
    first_row : int
        Row to start from: rows 10,000 to 19,999 of a seed are the second file of one large survey.
    workers : int
        Processes; -1 is one a core. Fewer than 1,000 spectra are made in this process.
    progress : bool
        Show a progress bar.
    noiseless : bool
        Give the truth behind the same spectra: without noise, sky residuals and defects
        (lesson 02).

    Returns
    -------
    SpectraSet
        With `truth`: redshift ``z``, ``subtype``, ``snr`` (a pixel, 6000-6500 Å), ``ebv`` (of the
        Galaxy, mag) and ``flags`` (1 cosmic ray, 2 dead pixels).

    Raises
    ------
    ValueError
        If `n` is below 1, `seed` is negative, or so many spectra do not fit into memory.
    """
    if n < 1 or seed < 0:
        raise ValueError(
            f"Cannot simulate n={n} spectra with seed={seed}: use n >= 1 and seed >= 0."
        )
    require_memory(n * BYTES_IN_MEMORY, "ask for fewer spectra")
    rows = np.arange(first_row, first_row + n)
    tasks = np.split(rows, np.arange(ROWS_A_TASK, n, ROWS_A_TASK))
    if n < 1000 or workers == 1:
        results = (_simulate_rows(seed, task, noiseless) for task in tasks)
    else:
        run = Parallel(n_jobs=workers, return_as="generator")
        results = run(delayed(_simulate_rows)(seed, task, noiseless) for task in tasks)
    flux, facts = np.empty((n, 3000), "float32"), []
    shown = tqdm(results, total=len(tasks), disable=not progress)
    for task, part in zip(tasks, shown, strict=True):
        flux[task - first_row] = [spectrum for spectrum, _ in part]
        facts.extend(fact for _, fact in part)
    truth = Table(rows=facts)
    label = np.asarray(truth["label"], dtype=np.int64)
    truth.remove_column("label")
    return SpectraSet(
        flux, label, rows.astype(np.int64), truth=truth, source=f"simulated survey, seed {seed}"
    )


def simulate_to_file(path, n=10_000, seed=1, first_row=0, progress=False):
    """Simulate a survey and write it in the training format, with a TRUTH table.

    Parameters
    ----------
    path : str or Path
    n, seed, first_row, progress
        As in `simulate_survey`.

    Raises
    ------
    ValueError
        If `n` is below 1, `seed` is negative, or so many spectra do not fit into memory or on the
        disk.
    """
    path = Path(path)
    require_output(path, force=True)
    # While a file is compressed, both are there; noise makes the packed one about half as large.
    size = n * BYTES_ON_DISK * (1.5 if path.suffix.lower() == ".gz" else 1)
    require_space(path.resolve().parent, size, "ask for fewer spectra")
    write_spectra(path, simulate_survey(n, seed, first_row, progress=progress))
