"""Find the notebooks of the lessons, and write them."""

from pathlib import Path

import nbformat

from spectra_helpers.files import replace_when_done

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def find_lessons(numbers=(), folder=NOTEBOOKS):
    """Return the paths of the lessons with these numbers, or of all lessons, in order.

    Raises
    ------
    ValueError
        When a number has no lesson, or there are no lessons.
    """
    lessons = {int(path.name[:2]): path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))}
    missing = [number for number in numbers if number not in lessons]
    if not lessons:
        raise ValueError(f"{folder} holds no lessons: get the whole project again.")
    if missing:
        have = ", ".join(map(str, lessons))
        raise ValueError(f"No lesson {missing[0]} in {folder}. Choose from: {have}.")
    return [lessons[number] for number in sorted(set(numbers) or lessons)]


def save_lesson(notebook, path):
    """Write a notebook so that the same outputs always give the same file.

    Widgets get random names in each run and the kernel reports its exact version; both would
    change the file when nothing a reader sees has changed.
    """
    notebook.metadata.language_info = {"name": "python"}
    text = nbformat.writes(notebook)
    widgets = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json")
    for i, name in enumerate(widgets["state"] if widgets else ()):
        text = text.replace(name, f"{i:032x}")
    text = nbformat.writes(nbformat.reads(text, as_version=4))  # sorted by the new names
    with replace_when_done(path) as temporary:
        temporary.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
