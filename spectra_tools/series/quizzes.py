"""The quizzes: ``python -m spectra_tools.series.quizzes`` writes them into the lessons.

``notebooks/quizzes/`` holds one TOML file a lesson, a table ``[[question]]`` for each question with
the keys ``ask`` and ``answer`` (Markdown). To change a quiz, change that file and run the command.
"""

import tomllib

import nbformat

from spectra_tools.series.links import link_terms
from spectra_tools.series.notebooks import NOTEBOOKS, find_lessons, save_lesson

FOLDER = NOTEBOOKS / "quizzes"
HEADING = "## Ask yourself"


def read_quiz(path):
    """Return the quiz of a lesson as Markdown, with folded answers.

    Parameters
    ----------
    path : Path
        Of the lesson.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the file of the quiz is missing, is no TOML, or a question lacks ``ask`` or ``answer``.
    """
    file = FOLDER / f"{path.stem}.toml"
    try:
        questions = tomllib.loads(file.read_text("utf-8"))["question"]
        pairs = [(question["ask"].strip(), question["answer"].strip()) for question in questions]
    except FileNotFoundError:
        raise ValueError(f"The lesson {path.stem} has no quiz: write {file}.") from None
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise ValueError(
            f"{file} is no quiz ({error}): each [[question]] needs ask = '''...''' and answer."
        ) from None
    return "\n\n".join([HEADING, *(_fold(i, *pair) for i, pair in enumerate(pairs, start=1))])


def _fold(number, ask, answer):
    summary = "<details><summary>Answer</summary>"
    return f"**{number}.** {ask}\n\n{summary}\n\n{answer}\n\n</details>"


def write_quiz(lesson, quiz):
    """Put the quiz into a lesson (a notebook node), with its links to the glossary."""
    cells = [cell for cell in lesson.cells[1:] if cell.cell_type == "markdown"]
    for cell in cells:
        if cell.source.startswith(HEADING):
            cell.source = quiz
    for cell, source in zip(cells, link_terms(cell.source for cell in cells), strict=True):
        cell.source = source


def main():
    """Write the quizzes of all lessons."""
    for path in find_lessons():
        lesson = nbformat.read(path, as_version=4)
        write_quiz(lesson, read_quiz(path))
        save_lesson(lesson, path)


if __name__ == "__main__":
    main()
