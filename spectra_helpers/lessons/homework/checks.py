"""The visible checks of the problem sets: they say what is wrong and where it was taught."""

from spectra_helpers.lessons.exercises.exercise import Exercise, compare


def check_answer(answer, right, lesson, wrong=(), tolerance=1e-6):
    """Compare what a student's function gives for a small example with what it should give.

    Parameters
    ----------
    answer : float or array
        What the student's code returned.
    right : float or array
    lesson : str
        Where it was taught, such as ``"02, exercise 1"``.
    wrong : sequence of (float or array, str)
        Answers that come from a usual mistake, each with something to think about.
    tolerance : float
        How far off a right answer may be.

    Raises
    ------
    AssertionError
        With the thought that fits best, and the lesson.
    """
    if answer is None:
        raise AssertionError(f"There is no answer: is a return missing? See lesson {lesson}.")
    otherwise = f"For this small example we expect {right}, and your answer is {answer}."
    thought = compare(Exercise(right, tolerance, list(wrong), otherwise), answer)
    if thought is not None:
        raise AssertionError(f"{thought} See lesson {lesson}.")
    print("This check is passed. The grader runs more.")
