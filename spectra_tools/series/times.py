"""How long the computer works for each lesson: measured once, told everywhere.

``python3 run.py lessons --save`` measures and keeps the CPU seconds in
``notebooks/lesson_times.json``; from there they come into the headers of the lessons and into the
table of the README, which is the table of the pages as well.
"""

import json
import os
import platform
import re

from spectra_helpers.files import replace_when_done

NAME = "lesson_times.json"
HEADER_TIME = re.compile(
    r"(?<=^\| \*\*Time\*\* \| )(\d+ minutes(?:, [^;|]*)? to read and try).*(?= \|$)", re.M
)
README_ROW = re.compile(r"(\]\(notebooks/(\w+)\.ipynb\).*\| )\S+(?= \|$)", re.MULTILINE)


def read_times(folder):
    """Return the measured CPU seconds of the lessons in a folder: {name of the lesson: seconds}."""
    path = folder / NAME
    measured = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {name: record["cpu_seconds"] for name, record in measured.items()}


def save_time(lesson, cpu_seconds):
    """Keep the measured time of a lesson, with the Python and the computer that it belongs to.

    Only the tier ``lesson`` of the simulated survey counts: that is what the headers speak of.

    Parameters
    ----------
    lesson : pathlib.Path
        The notebook; the times are kept beside it.
    cpu_seconds : float
        What `run_lesson` measured.
    """
    if (os.environ.get("SPECTRA_TIER") or "lesson") != "lesson" or os.environ.get("SPECTRA_DATA"):
        return
    path = lesson.with_name(NAME)
    measured = json.loads(path.read_text("utf-8")) if path.exists() else {}
    measured[lesson.stem] = {
        "cpu_seconds": round(cpu_seconds, 1),
        "python": platform.python_version(),
        "computer": f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores",
    }
    with replace_when_done(path) as temporary:
        text = json.dumps(dict(sorted(measured.items())), indent=1)
        temporary.write_text(f"{text}\n", "utf-8", newline="\n")


def round_time(cpu_seconds):
    """Return seconds as they are told: two digits that count, "44" or "110"."""
    return f"{float(f'{cpu_seconds:.2g}'):.0f}"


def write_time(lesson, cpu_seconds):
    """Change the header of a lesson (a notebook node): minutes to read, then measured seconds."""
    header = lesson.cells[0]
    words = rf"\1; about {round_time(cpu_seconds)} CPU seconds"
    header.source = HEADER_TIME.sub(words, header.source)


def fill_table(text, times):
    """Return the text of the README with the measured times in the last column of its lessons."""
    return README_ROW.sub(lambda row: row[1] + round_time(times[row[2]]), text)
