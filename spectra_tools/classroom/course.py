"""The folder of a course: where nbgrader keeps what. It changes all at once or not at all."""

import os
import re
import shutil
import sys
import sysconfig
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spectra_helpers.files import replace_when_done
from spectra_tools.classroom.gradebook import require_gradebook

CONFIG = "nbgrader_config.py"
GRADEBOOK = "gradebook.db"


@dataclass(frozen=True)
class Course:
    """A folder with ``nbgrader_config.py`` and ``source/psN/psN.ipynb``."""

    root: Path

    @property
    def gradebook(self):
        """The file of nbgrader's gradebook."""
        return self.root / GRADEBOOK

    def source(self, name):
        """Return the folder of an assignment's source; `ValueError` if there is none."""
        folder = self.root / "source" / name
        if not (folder / f"{name}.ipynb").is_file():
            known = ", ".join(self.assignments()) or "none"
            raise ValueError(f"There is no assignment {name}. Choose one of: {known}.")
        return folder

    def assignments(self):
        """Return the names of all assignments, in order."""
        return sorted(path.parent.name for path in self.root.glob("source/*/*.ipynb")
                      if path.stem == path.parent.name)  # fmt: skip

    def convert(self, converter, name, **settings):
        """Run one of nbgrader's converters for an assignment.

        Parameters
        ----------
        converter : type
            Such as `nbgrader.converters.Autograde`.
        name : str
            The assignment.
        **settings
            Traits of the converter.

        Raises
        ------
        ValueError
            With the last line of nbgrader's log, if it failed.
        """
        from nbgrader.coursedir import CourseDirectory
        from nbgrader.utils import capture_log

        config = self._load_config()
        # nbgrader calls the program alembic, which need not be on the path: ours may be .venv's
        scripts = sysconfig.get_path("scripts")
        if scripts not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] = scripts + os.pathsep + os.environ["PATH"]
        directory = CourseDirectory(config=config, assignment_id=name)
        work = converter(coursedir=directory, config=config, force=True, **settings)
        work.log.handlers.clear()  # what matters of it comes as one line
        work.log.propagate = False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbgrader's own, of SQLAlchemy and SQLite
            result = capture_log(work)
        if not result["success"]:
            raise ValueError(_find_cause(name, result))

    def _load_config(self):
        from traitlets.config import PyFileConfigLoader

        config = PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root)
        return config

    @contextmanager
    def stage(self, name):
        """Give a copy of the course with one assignment, and take its results over at the end.

        Yields
        ------
        Course
            Has the source, a fresh release and a copy of the gradebook. What it then has in
            ``submitted``, ``autograded`` and the gradebook replaces that of this course; after an
            error nothing is replaced.
        """
        from nbgrader.converters import GenerateAssignment

        source = self.source(name)
        require_gradebook(self.gradebook)
        with tempfile.TemporaryDirectory(
            prefix=".grading-", dir=self.root, ignore_cleanup_errors=True
        ) as folder:
            stage = Course(Path(folder))
            shutil.copytree(source, stage.root / "source" / name)
            shutil.copy(self.root / CONFIG, stage.root)
            if self.gradebook.exists():
                shutil.copy(self.gradebook, stage.gradebook)
            stage.convert(GenerateAssignment, name)
            yield stage
            with replace_when_done(self.gradebook) as temporary:
                shutil.copy(stage.gradebook, temporary)  # first: it is what a full disk stops
                for step in ("submitted", "autograded"):
                    for result in sorted(stage.root.glob(f"{step}/*/{name}")):
                        replace_folder(result, self.root / step / result.parent.name / name)


def replace_folder(new, old):
    """Put a folder in the place of another one, which may not be there."""
    old.parent.mkdir(parents=True, exist_ok=True)
    if old.exists():
        make_writable(old)
        shutil.rmtree(old)
    new.rename(old)


def make_writable(folder):
    """Undo nbgrader's write protection of files, which stops Windows from removing them."""
    if sys.platform == "win32":
        for path in folder.rglob("*"):
            path.chmod(0o666)


def find_course(folder=None):
    """Return the course in a folder.

    Parameters
    ----------
    folder : Path, optional
        Without it the current folder or its ``assignments`` is taken.

    Raises
    ------
    ValueError
        If there is no ``nbgrader_config.py``, or nbgrader is not installed.
    """
    try:
        import nbgrader  # noqa: F401
    except ImportError as error:
        raise ValueError("nbgrader is not installed: `pip install nbgrader`.") from error
    places = [Path(folder)] if folder else [Path(), Path("assignments")]
    for place in places:
        if (place / CONFIG).is_file():
            return Course(place.resolve())
    raise ValueError(
        f"There is no {CONFIG} in {' or '.join(str(place.resolve()) for place in places)}: "
        "name the folder of the course with `spectra class --course FOLDER`."
    )


def _find_cause(name, result):
    log = result.get("log", "") + result["error"]
    if "Cannot add or remove cells" in log:
        return (
            f"Cells of {name} were added or removed after it was first graded. Restore them, or "
            f"delete {GRADEBOOK} and grade everything again (marks given by hand are lost)."
        )
    causes = re.findall(r"^ *([\w.]*(?:Error|Exception): .*)", log, flags=re.MULTILINE)
    ours = [line for line in causes if "NbGraderException" not in line]
    return f"nbgrader could not work on {name}: {(ours or causes or ['unknown cause'])[-1]}"
