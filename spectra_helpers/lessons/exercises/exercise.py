"""What is known about an answer, and the comparison with it."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Exercise:
    """What is known about the answer of an exercise.

    Attributes
    ----------
    right : float or array
    tolerance : float
        How far off a right answer may be.
    wrong : list of (float or array, str)
        Answers that come from a usual mistake, each with something to think about.
    otherwise : str
        What to think about after any other answer.
    """

    right: object
    tolerance: float
    wrong: list
    otherwise: str


def compare(exercise, answer):
    """Return None if the answer is right, else the thought that fits it best."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    try:
        answer = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return "The answer must be a number, or several. What did you give?"
    right = np.asarray(exercise.right, dtype=float)
    if answer.shape != right.shape:
        shape = right.shape or "one number"
        return f"The answer has the shape {answer.shape}; we look for {shape}."
    if not np.isfinite(answer).all():
        return "There is NaN or infinity in it. Where was something divided by zero?"
    if _near(answer, right, exercise.tolerance):
        return None
    for value, thought in exercise.wrong:
        value = np.asarray(value, dtype=float)
        if value.shape == answer.shape and _near(answer, value, exercise.tolerance):
            return thought
    return exercise.otherwise


def _near(answer, value, tolerance):
    return bool(np.all(np.abs(answer - value) <= tolerance))
