"""The simulated surveys: sources seen through an instrument, row by row from a seed (lesson 01)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from astropy.table import Table
from joblib import Parallel, delayed
from tqdm import tqdm

from spectra_helpers.data import CLASSES, SpectraSet
from spectra_helpers.files import require_memory, require_output, require_space, write_spectra
from spectra_helpers.simulate import alone, deep
from spectra_helpers.simulate.galaxies import simulate_galaxy
from spectra_helpers.simulate.instrument import observe
from spectra_helpers.simulate.kinds import draw_kind
from spectra_helpers.simulate.quasars import simulate_quasar
from spectra_helpers.simulate.star_population import simulate_star

VERSION = 5  # of the published survey; raise it when the same seed gives other spectra or another
# truth, so that old files are made anew


@dataclass(frozen=True)
class Survey:
    """What a survey meets, and how it sees it.

    Attributes
    ----------
    version : int
        Raised when the same seed gives other spectra.
    sources : dict of function to float
        The share of each kind of source. A function takes a generator and returns flux and facts;
        its place is the label (0 galaxy, 1 quasar, 2 star) where the facts tell none.
    observe : function
        Takes flux, label, generator and `noiseless`; returns what a file would hold, and facts.
    """

    version: int
    sources: dict
    observe: Callable


# The shares of "published" are those of the published file 01. "deep" has enough of each class to
# learn from; the active galaxies of its border are labelled after `deep.quasars.BORDER`.
SURVEYS = {
    "published": Survey(
        VERSION, {simulate_galaxy: 0.3427, simulate_quasar: 0.1011, simulate_star: 0.5562}, observe
    ),
    "deep": Survey(
        2,
        {
            deep.simulate_galaxy: 0.34,
            deep.simulate_quasar: 0.25,
            deep.simulate_star: 0.34,
            deep.simulate_border: 0.07,
        },
        deep.observe,
    ),
}
# Single kinds of the published sky; no class mix, so nothing to train a classifier on.
KINDS = {
    "CV": Survey(VERSION, {alone.simulate_cataclysmic: 1.0}, observe),
    "BAL": Survey(VERSION, {alone.simulate_absorbed: 1.0}, observe),
}
FLAG_WRONG_LABEL = 64  # bit of the truth table's `flags`
ROWS_A_TASK = 100
BYTES_ON_DISK, BYTES_IN_MEMORY = 24_070, 12_500  # of one spectrum and its row of the tables


def simulate_spectrum(seed, row, noiseless=False, survey="published", wrong_labels=0.0, ivar=False):
    """Simulate one spectrum; it depends on the survey, `seed` and `row` alone.

    Parameters
    ----------
    seed : int
        Of the survey, 0 or more.
    row : int
        Which spectrum of the survey.
    noiseless, survey, wrong_labels, ivar
        As in `simulate_survey`.

    Returns
    -------
    flux : ndarray, shape (3000,), float32
        Raw survey flux.
    facts : dict
        ``label`` (0 galaxy, 1 quasar, 2 star), the columns of the truth table, and ``ivar`` if
        asked for.
    """
    rng, kind = np.random.default_rng([seed, row]), (SURVEYS | KINDS)[survey]
    simulate_source = draw_kind(rng, kind.sources)
    source, facts = simulate_source(rng)
    label = facts.pop("label", list(kind.sources).index(simulate_source))
    options = {"ivar": True} if ivar else {}
    flux, observation = kind.observe(source, label, rng, noiseless, **options)
    facts = {"label": label, **facts, **observation}
    if wrong_labels and rng.random() < wrong_labels:
        facts["label"] = int((label + rng.integers(1, len(CLASSES))) % len(CLASSES))
        facts["flags"] |= FLAG_WRONG_LABEL
    return flux, facts


def _simulate_rows(rows, **options):
    return [simulate_spectrum(row=row, **options) for row in rows]


def simulate_survey(
    n=10_000,
    seed=1,
    first_row=0,
    workers=-1,
    progress=False,
    noiseless=False,
    survey="published",
    wrong_labels=0.0,
    ivar=False,
):
    """Simulate a survey.

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
    survey : {"published", "deep", "CV", "BAL"}
        "published" is as bright as the published file (SNR 10 and more) and has its class mix; the
        lessons use it. "deep" holds the faint sky, from SNR 1 up, with other kinds of objects and
        several spectrographs: train on it what will meet real files (data/README.md). "CV" and
        "BAL" are one rare kind of "published" each: cataclysmic stars, and quasars with broad
        absorption lines.
    wrong_labels : float
        Share of spectra that are labelled as one of the other two classes, 0 to 1.
    ivar : bool
        Tell the inverse variances that a pipeline would give; of the published survey only
        (lesson 02).

    Returns
    -------
    SpectraSet
        With `truth`: redshift ``z``, ``subtype``, ``snr`` (a pixel, 6000-6500 Å), ``ebv`` (of the
        Galaxy, mag) and ``flags`` (1 cosmic ray, 2 dead pixels, 64 wrong label). A deep survey adds
        ``host`` (share of starlight of galaxies at 5100 Å at rest), ``spectrograph`` and the flags
        4 bad join of the arms, 8 an end is missing, 16 bad plate, 32 two objects in one fibre.

    Raises
    ------
    ValueError
        If `n` is below 1, `seed` is negative, there is no such survey, `wrong_labels` is no share,
        or so many spectra do not fit into memory.
    """
    _require_job(n, seed, survey, wrong_labels, ivar)
    require_memory(n * BYTES_IN_MEMORY * (2 if ivar else 1), "ask for fewer spectra")
    rows = np.arange(first_row, first_row + n)
    tasks = np.split(rows, np.arange(ROWS_A_TASK, n, ROWS_A_TASK))
    options = {"noiseless": noiseless, "survey": survey, "wrong_labels": wrong_labels, "ivar": ivar}
    simulate = partial(_simulate_rows, seed=seed, **options)
    if n < 1000 or workers == 1:
        results = map(simulate, tasks)
    else:
        run = Parallel(n_jobs=workers, return_as="generator")
        results = run(delayed(simulate)(task) for task in tasks)
    flux, facts = np.empty((n, 3000), "float32"), []
    weight = np.empty_like(flux) if ivar else None
    shown = tqdm(results, total=len(tasks), disable=not progress)
    for task, part in zip(tasks, shown, strict=True):
        flux[task - first_row] = [spectrum for spectrum, _ in part]
        if ivar:
            weight[task - first_row] = [fact.pop("ivar") for _, fact in part]
        facts.extend(fact for _, fact in part)
    truth = Table(rows=facts)
    label = np.asarray(truth["label"], dtype=np.int64)
    truth.remove_column("label")
    name = "simulated survey" if survey == "published" else f"simulated {survey} survey"
    source = f"{name}, seed {seed}"
    return SpectraSet(flux, label, rows.astype(np.int64), truth=truth, source=source, ivar=weight)


def _require_job(n, seed, survey, wrong_labels, ivar):
    if n < 1 or seed < 0:
        raise ValueError(
            f"Cannot simulate n={n} spectra with seed={seed}: use n >= 1 and seed >= 0."
        )
    if survey not in SURVEYS | KINDS:
        names = ", ".join(SURVEYS | KINDS)
        raise ValueError(f"There is no survey {survey!r}: choose one of {names}.")
    if not 0 <= wrong_labels <= 1:
        raise ValueError(f"wrong_labels={wrong_labels} is no share: use a number from 0 to 1.")
    if ivar and survey != "published":
        raise ValueError(f"The {survey} survey tells no inverse variances: ask the published one.")


def simulate_to_file(
    path, n=10_000, seed=1, first_row=0, progress=False, survey="published", wrong_labels=0.0
):
    """Simulate a survey and write it in the training format, with a TRUTH table.

    Parameters
    ----------
    path : str or Path
    n, seed, first_row, progress, survey, wrong_labels
        As in `simulate_survey`.

    Raises
    ------
    ValueError
        As `simulate_survey`, and if so many spectra do not fit on the disk.
    """
    path = Path(path)
    require_output(path, force=True)
    # While a file is compressed, both are there; noise makes the packed one about half as large.
    size = n * BYTES_ON_DISK * (1.5 if path.suffix.lower() == ".gz" else 1)
    require_space(path.resolve().parent, size, "ask for fewer spectra")
    options = {"survey": survey, "wrong_labels": wrong_labels}
    write_spectra(path, simulate_survey(n, seed, first_row, progress=progress, **options))
