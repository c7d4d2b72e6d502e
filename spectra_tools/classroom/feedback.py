"""`spectra class feedback`: a page for each student, with marks, messages and comments."""

import re
import shutil
import tempfile
from pathlib import Path

from nbconvert.filters.markdown_mistune import (
    InvalidNotebook,
    IPythonRenderer,
    MarkdownWithMath,
)
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import ClearHiddenTests, GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_grade

from spectra_tools.classroom.course import CONFIG, Course, replace_folder
from spectra_tools.classroom.gradebook import list_submitted, look_up, open_gradebook


class ShortenErrors(NbGraderPreprocessor):
    """Leaves of the errors of checks what they say: a traceback would quote the hidden checks."""

    def preprocess_cell(self, cell, resources, index):
        """Put one line in the place of the traceback."""
        if cell.cell_type == "code" and is_grade(cell):
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources


class SafeHTML(SanitizeHTML):
    """Takes scripts out of what students wrote or printed: a lecturer opens these pages too."""

    def __init__(self, **options):
        super().__init__(**options)
        self.enabled = True


class NameLostPictures(NbGraderPreprocessor):
    """Renames attachments that are not there: for a single one nbconvert gives up the class."""

    def preprocess_cell(self, cell, resources, index):
        """Change the text of a cell, and of its outputs that are texts."""
        attachments = cell.get("attachments", {})
        if cell.cell_type == "markdown":
            cell.source = rename_lost(cell.source, attachments)
        for output in cell.get("outputs", []):
            if "text/markdown" in output.get("data", {}):
                output.data["text/markdown"] = rename_lost(output.data["text/markdown"], {})
        return cell, resources


ATTACHED = re.compile(r"(\]\(\s*<?|\]:\s*<?)attachment:([^\s)>]*)")


def rename_lost(text, attachments):
    """Return a text (Markdown) that nbconvert can show whatever pictures have got lost."""
    if can_show(text, attachments):
        return text

    def rename(found):
        return found[0] if found[2] in attachments else f"{found[1]}missing-attachment-{found[2]}"

    renamed = ATTACHED.sub(rename, text)
    if can_show(renamed, attachments):
        return renamed
    return "\n".join(f"    {line}" for line in text.splitlines())  # as it was typed in


def can_show(text, attachments):
    """Tell whether nbconvert finds all attachments that a text (Markdown) asks for."""
    try:
        MarkdownWithMath(renderer=IPythonRenderer(attachments=attachments)).render(text)
    except InvalidNotebook:
        return False
    return True


NOT_READ = "Not read yet: these marks come later."
PAGE = [
    GetGrades, ClearHiddenTests, ShortenErrors, SafeHTML, NameLostPictures,
    CSSHTMLHeaderPreprocessor,
]  # fmt: skip


def say_what_waits(course, name):
    """Comment texts that nobody has read yet: the page would show 0 marks without a word."""
    with open_gradebook(course) as gradebook:
        for notebook in list_submitted(gradebook, name):
            for grade in notebook.grades:
                if look_up(grade) is None:
                    student = notebook.student.id
                    comment = gradebook.find_comment(grade.name, name, name, student)
                    comment.manual_comment = comment.manual_comment or NOT_READ
        gradebook.db.commit()


def write_feedback(course, name):
    """Write ``feedback/<student>/psN/psN.html`` for every graded student.

    The pages show neither the text of hidden checks nor scripts of the student.

    Parameters
    ----------
    course : Course
    name : str
        The assignment.

    Returns
    -------
    list of Path
        The pages.

    Raises
    ------
    ValueError
        If nothing is graded yet.
    """
    graded = list_graded(course, name)
    if not graded:
        raise ValueError(f"{name} is not graded yet: `spectra class grade {name} FOLDER` first.")
    with tempfile.TemporaryDirectory(
        prefix=".grading-", dir=course.root, ignore_cleanup_errors=True
    ) as folder:
        copy = Course(Path(folder))
        for file in (course.root / CONFIG, course.gradebook):
            shutil.copy(file, copy.root)
        for results in graded:
            shutil.copytree(results, copy.root / results.relative_to(course.root))
        say_what_waits(copy, name)
        copy.convert(GenerateFeedback, name, preprocessors=PAGE)
        for results in graded:
            page = Path("feedback", results.parent.name, name)
            replace_folder(copy.root / page, course.root / page)
    pages = [course.root / "feedback" / results.parent.name / name for results in graded]
    return [folder / f"{name}.html" for folder in pages]


def list_graded(course, name):
    """Return the folders of graded notebooks; others may be left from a gradebook before."""
    with open_gradebook(course) as gradebook:
        students = {notebook.student.id for notebook in list_submitted(gradebook, name)}
    return [path for path in sorted(course.root.glob(f"autograded/*/{name}"))
            if path.parent.name in students]  # fmt: skip
