"""The links of the lessons: ``python -m spectra_tools.series.links`` writes them anew.

Each lesson gets a bar to the lesson before and after it, above and below, and a link to the
glossary where it first uses one of its terms. The measured times come into its header, and into the
table of the README; below the header comes the cell that installs the package. Text and outputs
stay as they are. pyproject.toml gets the addresses of the project, or loses them.
"""

import re

import nbformat

from spectra_helpers.files import replace_when_done
from spectra_tools.series.installation import (
    make_source,
    read_repository,
    write_installation,
)
from spectra_tools.series.notebooks import NOTEBOOKS, find_lessons, save_lesson
from spectra_tools.series.times import fill_table, read_times, write_time

README = NOTEBOOKS.parent / "README.md"
PYPROJECT = NOTEBOOKS.parent / "pyproject.toml"
GLOSSARY = NOTEBOOKS / "glossary.ipynb"
BAR_START = "<!-- written by python -m spectra_tools.series.links -->\n"
# Where no link is set: code, formulas, links, HTML, headings, tables, and words in italics (titles)
CLOSED = re.compile(
    r"```.*?```|`[^`]*`|\$[^$]*\$|\[[^\]]*\]\([^)]*\)|<[^>]*>|^#.*?$|^\|.*?$|(?<!\*)\*[^*\n]+\*(?!\*)",
    flags=re.DOTALL | re.MULTILINE,
)


def read_glossary():
    """Return the glossary: {term: its explanation, in Markdown}."""
    cells = nbformat.read(GLOSSARY, as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    entries = re.findall(r"^### (.+)\n((?:(?!^##).*\n?)*)", text, flags=re.MULTILINE)
    return {term: explanation.strip() for term, explanation in entries}


def list_words(term, explanation):
    """Return the words that stand for a term: itself and those that follow "Also:"."""
    also = re.search(r"Also: (.+?)\.(?:\s|$)", explanation)
    return [term, *(also[1].split(", ") if also else [])]


def _match_words(words):
    """Match the words in any case (FITS is not "fits": capitals stay), and their plurals."""
    ways = [re.escape(word).replace(r"\ ", r"\s") for word in words]
    ways = "|".join(way if way.isupper() else f"(?i:{way})" for way in ways)
    return re.compile(rf"(?<![\w-])(?:{ways})s?(?![\w-])")


def find_first_use(sources, words):
    """Return (index of the source, start, end) of the first open use of one of the words, or None.

    A use that is a link already counts: then start and end are None.
    """
    pattern = _match_words(words)
    for i, source in enumerate(sources):
        closed = [match.span() for match in CLOSED.finditer(source)]
        for match in pattern.finditer(source):
            around = [source[a:b] for a, b in closed if a <= match.start() < b]
            if not around:
                return i, *match.span()
            if any("](glossary.ipynb" in part for part in around):
                return i, None, None
    return None


def link_terms(sources):
    """Return the sources (Markdown of a lesson's cells) with first uses linked to the glossary."""
    sources = list(sources)
    for term, explanation in read_glossary().items():
        found = find_first_use(sources, list_words(term, explanation))
        if found and found[1] is not None:
            i, start, end = found
            word = sources[i][start:end]
            link = f"[{word}](glossary.ipynb#{term.replace(' ', '-')})"
            sources[i] = sources[i][:start] + link + sources[i][end:]
    return sources


def make_bar(path):
    """Return the bar of a lesson: before, contents, glossary, next."""
    lessons = find_lessons()
    place = lessons.index(path)
    before, after = lessons[:place][-1:], lessons[place + 1 :][:1]
    parts = [f"← [{read_title(p)}]({p.name})" for p in before]
    parts += ["[Contents](../README.md#the-lessons)", "[Glossary](glossary.ipynb)"]
    parts += [f"[{read_title(p)}]({p.name}) →" for p in after]
    return BAR_START + " · ".join(parts)


def read_title(path):
    """Return "06 · A convolutional network" of a lesson."""
    first = nbformat.read(path, as_version=4).cells[0].source
    return re.match(r"# Lesson (.+)", first)[1]


def write_links(lesson, bar):
    """Change a lesson (a notebook node): its bars, and its links to the glossary."""
    first, last = lesson.cells[0], lesson.cells[-1]
    first.source = first.source.split(BAR_START)[0].rstrip() + "\n\n" + bar
    last.source = last.source.split(BAR_START)[0].rstrip() + "\n\n" + bar
    prose = [cell for cell in lesson.cells[1:] if cell.cell_type == "markdown"]
    for cell, source in zip(prose, link_terms(cell.source for cell in prose), strict=True):
        cell.source = source


def write_urls(text, repository, branch):
    """Return the text of pyproject.toml with the addresses that package indexes show.

    Parameters
    ----------
    text : str
    repository : str
        Address of the project, or "" if it has none; then the table is taken out.
    branch : str
    """
    text = re.sub(r"^\[project\.urls\]\n(?:(?!\[).*\n)*", "", text, flags=re.MULTILINE)
    if not repository:
        return text
    places = {
        "Homepage": "",
        "Documentation": "#readme",
        "Repository": ".git",
        "Changelog": f"/blob/{branch}/CHANGELOG.md",
        "Issues": "/issues",
    }
    lines = [f'{name} = "{repository.rstrip("/")}{place}"\n' for name, place in places.items()]
    return text.replace("[project.scripts]", f"[project.urls]\n{''.join(lines)}\n[project.scripts]")


def main():
    """Write links, times and installation of all lessons, the README's times and the addresses."""
    times, installation = read_times(NOTEBOOKS), make_source(**read_repository())
    for path in find_lessons():
        lesson = nbformat.read(path, as_version=4)
        write_links(lesson, make_bar(path))
        write_time(lesson, times[path.stem])
        write_installation(lesson, installation)
        save_lesson(lesson, path)
    with replace_when_done(PYPROJECT) as temporary:
        text = write_urls(PYPROJECT.read_text("utf-8"), **read_repository())
        temporary.write_text(text, "utf-8", newline="\n")
    with replace_when_done(README) as temporary:
        text = fill_table(README.read_text("utf-8"), times)
        temporary.write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
