"""The concept inventory: ten questions before and after the course, and what the class gained.

``assignments/source/concepts/concepts.ipynb`` asks them; a lecturer reads the class's files with
`read_class` and compares with `measure_gain`.
"""

import csv
import hashlib
import re
import textwrap
from pathlib import Path

import numpy as np

from spectra_helpers.files import replace_when_done
from spectra_helpers.lessons.homework.inventory_feedback import FEEDBACK, RIGHT, SALT
from spectra_helpers.lessons.homework.personal import find_student

N_ITEMS = 10
LETTERS = "abcd"
ROUNDS = ("pre", "post")
UTF8 = {"encoding": "utf-8"}


def hash_answer(item, letter):
    """Return the key of an answer in `inventory_feedback`, for whoever changes a question.

    Parameters
    ----------
    item : int
        1 to 10.
    letter : {"a", "b", "c", "d"}
    """
    return hashlib.sha256(f"{SALT}/{item}/{letter}".encode()).hexdigest()[:16]


def start_inventory(namespace):
    """Return the student's id and an empty sheet, a dict from item to letter.

    Parameters
    ----------
    namespace : dict
        ``globals()`` of the notebook, see `find_student`.
    """
    return find_student(namespace), dict.fromkeys(range(1, N_ITEMS + 1), "")


def check_answers(answers):
    """Return answers as small letters, "" where there is none.

    Parameters
    ----------
    answers : dict of int to str

    Raises
    ------
    ValueError
        If an answer is none of the four letters; an item that is missing counts as no answer.
    """
    sheet = {}
    for item in range(1, N_ITEMS + 1):
        letter = str(answers.get(item) or "").strip().lower()
        if letter and letter not in tuple(LETTERS):
            raise ValueError(
                f"The answer {letter!r} to question {item} is not one of a, b, c, d: write one "
                "letter between the quotes, or none, and run the cell again."
            )
        sheet[item] = letter
    return sheet


def score_answers(answers):
    """Return which items are right: dict of int to bool, False where there is no answer."""
    return {item: hash_answer(item, x) in RIGHT for item, x in check_answers(answers).items()}


def finish(student, when, answers, folder="."):
    """Write the answers into a file; after the course, say what is right and what to think about.

    Parameters
    ----------
    student : str
    when : {"pre", "post"}
    answers : dict of int to str
    folder : str or Path

    Returns
    -------
    None
        The file, ``concepts_pre_ID.csv`` or ``concepts_post_ID.csv``, has the columns student,
        when, item and answer.

    Raises
    ------
    ValueError
        If `when` is neither, or an answer is no letter.
    """
    if when not in ROUNDS:
        raise ValueError(f'WHEN is {when!r}: write "pre" before the course or "post" after it.')
    sheet = check_answers(answers)
    path = Path(folder) / f"concepts_{when}_{_name_student(student)}.csv"
    rows = [[student, when, item, letter] for item, letter in sheet.items()]
    with replace_when_done(path) as temporary, open(temporary, "w", newline="", **UTF8) as file:
        csv.writer(file).writerows([["student", "when", "item", "answer"], *rows])
    given = sum(letter != "" for letter in sheet.values())
    print(f"{given} of {N_ITEMS} questions answered. Hand in the file {path.name}.")
    if when == "post":
        _say_feedback(sheet)


def _name_student(student):
    """Return an id as a part of a file name; the mark keeps ids apart that only look alike."""
    safe = re.sub(r"[^\w.-]", "_", student)
    mark = "" if safe == student else f"-{hashlib.sha256(student.encode()).hexdigest()[:6]}"
    return safe + mark


def _say_feedback(sheet):
    right = score_answers(sheet)
    print(f"Right: {sum(right.values())} of {N_ITEMS}.\n")
    for item, letter in sheet.items():
        said = FEEDBACK[hash_answer(item, letter)] if letter else "no answer"
        print(textwrap.fill(f"{item:2d} {letter or '-'}  {said}", 90, subsequent_indent=" " * 6))


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
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(
                f"{path} is not a file of the concept inventory ({error}): ask the student to run "
                "the last cell of the notebook again, or leave the file out."
            ) from error
    return found


def _read_sheet(path):
    """Return student, round and what is right of one file."""
    with open(path, newline="", **UTF8) as file:
        rows = list(csv.DictReader(file))
    ((student, when),) = {(row["student"], row["when"]) for row in rows}
    answers = {int(row["item"]): row["answer"] for row in rows}
    if len(rows) != N_ITEMS or set(answers) != set(range(1, N_ITEMS + 1)):
        raise ValueError(f"it has {len(rows)} lines and not one for each question")
    return student, when, np.array(list(score_answers(answers).values()))


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
