"""The lecturer's pages: ``python -m spectra_tools.series.instructor`` writes them anew.

``notebooks/instructor/`` holds a page for each lesson. Its upper part is written by hand; below the
marker stand the goals, the times, the exercises with their solutions and the questions with
their answers, taken from the lesson itself. So lesson and page cannot say different things.
"""

import re

import nbformat

from spectra_helpers.files import replace_when_done
from spectra_tools.series.notebooks import NOTEBOOKS, find_lessons

FOLDER = NOTEBOOKS / "instructor"
MARKER = "<!-- from here on written by python -m spectra_tools.series.instructor -->"
FOLDED = re.compile(r"<details><summary>(?:<b>)?(\w+)(?:</b>)?</summary>\n(.*?)</details>", re.S)
IN_LAB = re.compile(r"^### (Exercise: .+)$", re.MULTILINE)  # at the end of a lab
EXERCISE, QUESTIONS, GOALS = "Exercise ", "Ask yourself", "After this lesson you can"


def find_page(path):
    """Return the path of the page that belongs to a lesson."""
    return FOLDER / f"{path.stem}.md"


def read_sections(lesson):
    """Return the sections of a lesson: [(title, its Markdown)], in order."""
    text = "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")
    text = _drop_glossary_links(text)
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return list(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))


def _drop_glossary_links(text):
    return re.sub(r"\[([^\]]*)\]\(glossary\.ipynb[^)]*\)", r"\1", text)


def list_timeline(sections):
    """Return the table of sections and the minute at which each group of them ends."""
    lines = ["| sections | to here, minutes |", "|---|---|"]
    group = []
    for title, text in sections:
        group.append(title)
        if minutes := re.search(r"\*To\s+here:\s+(\d+)\s+minutes\.\*", text):
            lines.append(f"| {', '.join(group)} | {minutes[1]} |")
            group = []
    rest = [title for title in group if title not in ("Take away", "To go further", QUESTIONS)]
    return "\n".join([*lines, f"| {', '.join(rest)} | at home, or as time allows |"])


def list_exercises(sections):
    """Return the exercises, sections of their own or at the end of a lab: [(title, Markdown)]."""
    found = []
    for title, text in sections:
        if title.startswith(EXERCISE):
            found.append((title, text))
        _, *inside = IN_LAB.split(text)
        found += zip(inside[::2], inside[1::2], strict=True)
    return found


def list_solutions(sections):
    """Return the exercises, each with its task and its solution."""
    parts = []
    for title, text in list_exercises(sections):
        task = FOLDED.sub("", text).strip()
        solution = dict(FOLDED.findall(text))["Solution"].strip()
        parts.append(f"### {title}\n\n{task}\n\n**Solution.**\n\n{solution}")
    return "\n\n".join(parts)


def list_answers(sections):
    """Return the questions of "Ask yourself" with their answers unfolded."""
    text = dict(sections)[QUESTIONS]
    return FOLDED.sub(lambda match: f"*{match[1]}.* {match[2].strip()}", text)


def make_page(path, notes):
    """Return a lesson's page: the notes, and what stands in the lesson."""
    lesson = nbformat.read(path, as_version=4)
    sections = read_sections(lesson)
    header = dict(
        re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \|$", lesson.cells[0].source, re.MULTILINE)
    )
    return "\n\n".join([
        notes.split(MARKER)[0].rstrip(),
        MARKER,
        f"## {GOALS}\n\n{_drop_glossary_links(header[GOALS])}",
        f"## Timeline of the lesson\n\n{header['Time']}.\n\n{list_timeline(sections)}",
        f"## Exercises and solutions\n\n{list_solutions(sections)}",
        f"## Questions and answers\n\n{list_answers(sections)}",
    ]) + "\n"  # fmt: skip


def main():
    """Write all pages; a page without notes yet begins with its title."""
    FOLDER.mkdir(exist_ok=True)
    for path in find_lessons():
        page = find_page(path)
        notes = page.read_text("utf-8") if page.exists() else f"# Teaching {path.stem}"
        with replace_when_done(page) as temporary:
            temporary.write_text(make_page(path, notes), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
