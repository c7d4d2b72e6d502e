"""The concept inventory: ten questions before and after the course, and what they are to teach.

``assignments/source/concepts/concepts.ipynb`` asks them. What a class has gained is measured by
`spectra_tools.classroom.inventory`.
"""

import hashlib
import re
import textwrap
import tomllib
from pathlib import Path

import pandas as pd

from spectra_helpers.files import write_table
from spectra_helpers.lessons.homework.personal import find_student

N_ITEMS = 10
LETTERS = "abcd"
ROUNDS = ("pre", "post")
COLUMNS = ("student", "when", "item", "answer")
SAID = tomllib.loads(
    Path(__file__).with_name("inventory_feedback.toml").read_text(encoding="utf-8")
)
RIGHT = SAID["right"]  # sentence by hash
FEEDBACK = RIGHT | SAID["wrong"]


def hash_answer(item, letter):
    """Return the key of an answer in ``inventory_feedback.toml``, for whoever changes a question.

    Parameters
    ----------
    item : int
        1 to 10.
    letter : {"a", "b", "c", "d"}
    """
    return hashlib.sha256(f"{SAID['salt']}/{item}/{letter}".encode()).hexdigest()[:16]


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
    rows = [(student, when, item, letter) for item, letter in sheet.items()]
    write_table(path, pd.DataFrame(rows, columns=COLUMNS))
    given = sum(letter != "" for letter in sheet.values())
    print(f"{given} of {N_ITEMS} questions answered. Hand in the file {path.name}.")
    if when == "post":
        _say_feedback(sheet)


def _name_student(student):
    """Return an id as a part of a file name; the mark keeps ids apart that only look alike."""
    safe = re.sub(r"[^\w.-]", "_", student)[:50]  # a name may have 255 bytes
    mark = "" if safe == student else f"-{hashlib.sha256(student.encode()).hexdigest()[:6]}"
    return safe + mark


def _say_feedback(sheet):
    right = score_answers(sheet)
    print(f"Right: {sum(right.values())} of {N_ITEMS}.\n")
    for item, letter in sheet.items():
        said = FEEDBACK[hash_answer(item, letter)] if letter else "no answer"
        print(textwrap.fill(f"{item:2d} {letter or '-'}  {said}", 90, subsequent_indent=" " * 6))
