"""Compare an answer with what is right and with what is usually done wrong."""

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


def check(name, answer, *given):
    """Print whether an answer is right; if not, what to think about.

    Parameters
    ----------
    name : str
        Of the exercise, as its text gives it.
    answer : float, array, dict or function
        What you found; None while there is nothing yet.
    *given
        What the exercise started from, as its text says.

    Raises
    ------
    ValueError
        If no exercise has this name, or what was given is not what its text says.
    """
    if answer is None:
        print("No answer yet.")
        return
    thought = judge(name, answer, *given)
    print("Right." if thought is None else f"Not yet. {thought}")


def judge(name, answer, *given):
    """Return None for a right answer, else something to think about."""
    from spectra_helpers.exercises import model_exercises, spectrum_exercises

    known = spectrum_exercises.EXERCISES | model_exercises.EXERCISES
    if name not in known:
        raise ValueError(f"No exercise {name!r}. Choose from: {', '.join(known)}.")
    try:
        exercise = known[name](*given)
    except (TypeError, AttributeError, IndexError, KeyError) as error:
        raise ValueError(
            f"check({name!r}, ...) needs what the exercise says: copy its line ({error})."
        ) from error
    if callable(answer):
        try:
            answer = answer(*given)
        except Exception as error:
            return f"Your function stops with {type(error).__name__}: {error}"
    return compare(exercise, answer)


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
