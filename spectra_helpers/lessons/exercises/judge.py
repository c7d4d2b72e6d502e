"""Judge the answer to an exercise by its name."""

from spectra_helpers.lessons.exercises import lessons_01_to_04, lessons_05_to_07
from spectra_helpers.lessons.exercises.exercise import compare

EXERCISES = lessons_01_to_04.EXERCISES | lessons_05_to_07.EXERCISES


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
    if name not in EXERCISES:
        raise ValueError(f"No exercise {name!r}. Choose from: {', '.join(EXERCISES)}.")
    try:
        exercise = EXERCISES[name](*given)
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
