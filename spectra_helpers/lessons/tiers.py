"""What the lessons load: a simulated survey in three sizes, or training files that are given."""

import os
from dataclasses import replace
from pathlib import Path

from platformdirs import user_cache_dir

from spectra_helpers.data import sample_rows
from spectra_helpers.files import open_spectra
from spectra_helpers.simulate import VERSION, simulate_to_file

TIERS = {"tiny": 600, "lesson": 4000, "full": 10000}  # number of spectra
LESSON_SEED = 1


def data_folder():
    """Return the folder for simulated files: the project's ``data``, or a cache folder without one.

    The environment variable ``SPECTRA_DATA_FOLDER`` chooses another one.
    """
    if chosen := os.environ.get("SPECTRA_DATA_FOLDER"):
        return Path(chosen)
    project = Path(__file__).parents[2]
    if (project / "pyproject.toml").exists():
        return project / "data"
    return Path(user_cache_dir("spectra-helpers", appauthor=False, opinion=False))


def load_lesson_data(tier=None, n=None, most=None):
    """Load the spectra of the lessons: a simulated survey, or real data where they are given.

    Parameters
    ----------
    tier : {"tiny", "lesson", "full"}, optional
        600, 4,000 or 10,000 spectra. Default: the environment variable ``SPECTRA_TIER``, else
        ``"lesson"``.
    n : int, optional
        Load only so many spectra, with the class mix of the tier.
    most : {"tiny", "lesson", "full"}, optional
        Take this tier in place of a larger one: for lessons whose experiments take time.

    Returns
    -------
    SpectraSet
        Its `source` says what the spectra are.

    Raises
    ------
    ValueError
        If the tier is not known, `n` is larger than it, or ``SPECTRA_DATA`` names a file that is
        not there.

    Notes
    -----
    ``SPECTRA_DATA`` names training files to read instead (several: joined as in ``PATH``); a sample
    of the tier's size keeps the lessons quick. Simulated files are made on first use, into
    `data_folder`; the name holds the version of the simulation, so that an old one is never used.
    """
    tier = _choose_tier(tier)
    if most is not None:
        tier = min(tier, _choose_tier(most), key=TIERS.get)
    wanted = TIERS[tier] if n is None else n
    if not 0 < wanted <= TIERS[tier]:
        raise ValueError(f"n={n} spectra of tier {tier!r}: ask for 1 to {TIERS[tier]:,}.")
    return _load_sample(find_lesson_files(tier), wanted, tier)


def find_lesson_files(tier=None):
    """Return the paths of the training files that `load_lesson_data` reads (lesson 01).

    Parameters and errors as there; the simulated file is made if it is not there yet.

    Returns
    -------
    list of Path
        The files that ``SPECTRA_DATA`` names, or the one of the simulated survey.
    """
    tier = _choose_tier(tier)
    if given := os.environ.get("SPECTRA_DATA"):
        # a file that is named twice counts once: its spectra must not train and test a model
        paths = {Path(path).resolve(): Path(path) for path in given.split(os.pathsep)}
        return _check_given(list(paths.values()))
    return [_make_simulated(tier)]


def _choose_tier(tier):
    tier = tier or os.environ.get("SPECTRA_TIER") or "lesson"
    if tier not in TIERS:
        raise ValueError(
            f"There is no tier {tier!r}: set SPECTRA_TIER (or tier=) to one of {', '.join(TIERS)}."
        )
    return tier


def _check_given(paths):
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise ValueError(
            f"SPECTRA_DATA names {missing[0]}, which is not a file: correct the path, or unset "
            "SPECTRA_DATA to use the simulated survey."
        )
    return paths


def _make_simulated(tier):
    path = data_folder() / f"simulated_{tier}_seed{LESSON_SEED}_v{VERSION}.fits"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        simulate_to_file(path, TIERS[tier], LESSON_SEED)
    return path


def _load_sample(paths, wanted, tier):
    opened = open_spectra(paths)
    spectra = opened.read(sample_rows(opened.label, wanted))
    if os.environ.get("SPECTRA_DATA"):
        return spectra
    source = f"simulated survey, tier {tier}, {len(spectra):,} spectra"
    return replace(spectra, source=source)
