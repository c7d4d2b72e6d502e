"""Spectra of one student: the same for this student on every computer, others for everybody else.

The problem sets in ``assignments/`` draw them, and so do their tests.
"""

import hashlib
import os
import unicodedata
from dataclasses import replace

from spectra_helpers.data import SpectraSet


def find_student(namespace):
    """Return the student's id: the grader's, or the one the student wrote into the notebook.

    Parameters
    ----------
    namespace : dict
        ``globals()`` of the notebook, where the student has set ``STUDENT_ID``.

    Returns
    -------
    str
        The environment variable ``SPECTRA_STUDENT`` if it is set, else ``STUDENT_ID``.

    Raises
    ------
    ValueError
        If both are empty.
    """
    student = os.environ.get("SPECTRA_STUDENT") or namespace.get("STUDENT_ID") or ""
    if not str(student).strip():
        raise ValueError(
            "We need to know whose spectra these are: write your student id between the quotes of "
            'STUDENT_ID = "" in the first code cell, and run that cell again.'
        )
    return str(student).strip()


def make_seed(student_id, seed_offset=0):
    """Return the seed of a student, an integer below 2**62 that is the same on every computer.

    Parameters
    ----------
    student_id : str
        Capital letters and blanks at both ends make no difference.
    seed_offset : int
        Another number gives another, independent seed of the same student.
    """
    name = unicodedata.normalize("NFKC", str(student_id)).strip().casefold()
    # Python's own hash() changes from one process to the next
    digest = hashlib.sha256(f"{name}/{seed_offset}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 2


def personal_sample(student_id, n=300, seed_offset=0) -> SpectraSet:
    """Simulate the spectra of one student.

    Parameters
    ----------
    student_id : str
        What `find_student` returns.
    n : int
        Number of spectra, about 4 ms each. A smaller sample is the beginning of a larger one.
    seed_offset : int
        0 is the student's own sample; another number gives spectra that nobody has seen yet.

    Returns
    -------
    SpectraSet
        With `truth`, in the class mix of the simulated survey.

    Raises
    ------
    ValueError
        If `n` is below 1.
    """
    from spectra_helpers.simulate import simulate_survey  # slow to import: only when needed

    spectra = simulate_survey(n, make_seed(student_id, seed_offset))
    return replace(spectra, source=f"the simulated survey of student {student_id}")
