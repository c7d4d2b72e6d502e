"""The concept inventory of a class: its files, and what it has gained by the course.

The questions and the students' half are in `spectra_helpers.lessons.homework.inventory`.
"""

from pathlib import Path

import numpy as np

from spectra_helpers.files import read_table
from spectra_helpers.lessons.homework.inventory import COLUMNS, N_ITEMS, ROUNDS, score_answers


def read_class(folder):
    """Read the files of a class, in `folder` and the folders below.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    dict of str to dict
        For ``"pre"`` and ``"post"``: from student to an array of bool, shape (10,), right or not.

    Raises
    ------
    ValueError
        If there is no file, or one is not as `finish` writes it; the message names it.
    """
    paths = sorted(Path(folder).rglob("concepts_*.csv"))
    if not paths:
        raise ValueError(f"There is no file concepts_*.csv in {folder}: choose another folder.")
    found = {when: {} for when in ROUNDS}
    for path in paths:
        try:
            student, when, right = _read_sheet(path)
            if student in found[when]:
                raise ValueError(f"{student} has handed in another one for the same round")
            found[when][student] = right
        except ValueError as error:
            raise ValueError(
                f"{path} is not a file of the concept inventory ({error}): ask the student to run "
                "the last cell of the notebook again, or leave the file out."
            ) from error
    return found


def _read_sheet(path):
    """Return student, round and what is right of one file."""
    table = read_table(path)
    if not set(COLUMNS) <= set(table.columns):
        raise ValueError(f"its columns are not {', '.join(COLUMNS)}")
    whose = table[["student", "when"]].drop_duplicates().to_numpy().tolist()
    if len(whose) != 1 or whose[0][1] not in ROUNDS:
        raise ValueError("it is not of one student and one round")
    if sorted(table["item"]) != sorted(map(str, range(1, N_ITEMS + 1))):
        raise ValueError(f"it has {len(table)} lines and not one for each question")
    answers = dict(zip(map(int, table["item"]), table["answer"], strict=True))
    return *whose[0], np.array(list(score_answers(answers).values()))


def measure_gain(pre, post, n=5000, seed=0, level=0.95):
    """Return the normalized gain of a class: the part of what it did not know that it has learned.

    Parameters
    ----------
    pre, post : dict of str to array of bool, shape (n_items,)
        Of `read_class`. Only students who took part twice count.
    n : int
        Number of resamples of the students.
    seed : int
    level : float
        Part of the resamples inside the interval.

    Returns
    -------
    dict
        ``"students"``, number of pairs; ``"pre"`` and ``"post"``, mean parts that are right;
        ``"gain"``; ``"interval"`` (low, high); ``"items"``, gain in the part of right answers,
        item by item, shape (n_items,).

    Raises
    ------
    ValueError
        Fewer than two students took part twice, or all knew everything before.

    Notes
    -----
    (post - pre) / (1 - pre) of the class means (Hake 1998, Am. J. Phys. 66, 64); he found 0.23 for
    lectures and 0.48 for courses in which students take an active part. The bootstrap draws
    students, each with both sheets; draws in which everybody knew everything are left out.
    """
    both = sorted(set(pre) & set(post))
    if len(both) < 2:
        raise ValueError(
            f"{len(both)} students answered before and after: a gain needs at least two. Are the "
            "student ids the same in both rounds?"
        )
    first, second = (np.array([x[name] for name in both], float) for x in (pre, post))
    before, after = first.mean(axis=1), second.mean(axis=1)
    if before.mean() == 1:
        raise ValueError("All answers were right before the course: there is nothing to gain.")
    rows = np.random.default_rng(seed).integers(0, len(both), (n, len(both)))
    known, learned = before[rows].mean(axis=1), after[rows].mean(axis=1)
    possible = known < 1
    drawn = (learned - known)[possible] / (1 - known)[possible]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return {
        "students": len(both),
        "pre": float(before.mean()),
        "post": float(after.mean()),
        "gain": float((after.mean() - before.mean()) / (1 - before.mean())),
        "interval": (float(low), float(high)),
        "items": second.mean(axis=0) - first.mean(axis=0),
    }
