"""Helpers that only lessons use: opening lines, examples, the source of a function."""

import ast
import html
import importlib.metadata
import inspect
import logging
import os
import platform
import textwrap
from pathlib import Path

import numpy as np
from IPython.display import display
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from spectra_helpers.data import CLASSES
from spectra_helpers.plotting import set_style
from spectra_helpers.preprocess import energy_normalize

LESSON_PACKAGES = ("numpy", "scipy", "astropy", "scikit-learn", "keras", "matplotlib")


def start_lesson(number, title, spectra=None):
    """Print which lesson this is, on which data it runs and with which versions.

    Parameters
    ----------
    number : int
        1 to 7.
    title : str
        Title of the lesson.
    spectra : SpectraSet, optional
        The lesson's data; its source and class counts are printed.

    Notes
    -----
    It also gives figures the look of the lessons and keeps TensorFlow quiet.
    """
    set_style()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # A filter, because TensorFlow sets the level of its log anew when a notebook imports it.
    logging.getLogger("tensorflow").addFilter(_keep_errors)
    print(f"Lesson {number:02d}: {title}")
    if spectra is not None:
        print(f"Data: {spectra}")
    versions = [f"{name} {importlib.metadata.version(name)}" for name in LESSON_PACKAGES]
    print(f"Python {platform.python_version()}, {', '.join(versions)}")


def _keep_errors(record):
    return record.levelno >= logging.ERROR


def show_source(function, docstring=True):
    """Display the source of a function or class of this package, highlighted.

    Parameters
    ----------
    function : function or class
        What to show.
    docstring : bool
        Whether to show its docstring too.
    """
    source = textwrap.dedent(inspect.getsource(function))
    if not docstring:
        source = _drop_docstring(source)
    where = f"{function.__module__}.{function.__qualname__}"
    # Colours written into each word: style sheets of outputs are removed in untrusted notebooks.
    look = "padding: 0.6em; color: black; background: #f8f8f8; overflow-x: auto"
    formatter = HtmlFormatter(noclasses=True, cssstyles=look, prestyles="margin: 0")
    colored = highlight(source, PythonLexer(), formatter)
    bundle = {"text/html": f"<p><code>{html.escape(where)}</code></p>{colored}"}
    display({**bundle, "text/plain": f"# {where}\n{source}"}, raw=True)


def _drop_docstring(source):
    body = ast.parse(source).body[0].body
    if not (isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)):
        return source
    lines = source.splitlines(keepends=True)
    return "".join(lines[: body[0].lineno - 1] + lines[body[0].end_lineno :])


def real_spectra(ivar=False):
    """Return the real spectra in the folder that ``SPECTRA_REAL`` names, or None without it.

    Parameters
    ----------
    ivar : bool
        Whether to read inverse variances, too.

    Returns
    -------
    SpectraSet or None
        LAMOST and SDSS spectra on the grid of the lessons. A file that cannot be read is left out,
        and a line tells why.

    Raises
    ------
    ValueError
        If ``SPECTRA_REAL`` is set to something that is not a folder, or no file of it can be read.
    """
    from spectra_helpers.files import open_spectra

    folder = os.environ.get("SPECTRA_REAL")
    if not folder:
        return None
    if not Path(folder).is_dir():
        raise ValueError(
            f"SPECTRA_REAL names {folder}, which is not a folder: set it to a folder of LAMOST or "
            "SDSS spectra, or unset it."
        )
    return open_spectra(folder, on_error=lambda error: print(f"Left out: {error}")).read(ivar=ivar)


def weighted_spectra(n=300, seed=2):
    """Return spectra with inverse variances: real ones where there are any, else simulated ones.

    Parameters
    ----------
    n, seed : int
        Size and seed of the simulated survey that is made if the folder that ``SPECTRA_REAL`` names
        holds no inverse variances, or if there is no such folder.

    Returns
    -------
    SpectraSet
        Real spectra whose inverse variances are not known are left out.
    """
    from spectra_helpers.simulate import simulate_survey

    real = real_spectra(ivar=True)
    if real is not None and real.ivar is not None:
        return real[real.ivar.any(axis=1)]
    return simulate_survey(n, seed, ivar=True)


def stored_file(name):
    """Return the path of a small result that comes with the package, wherever it is installed.

    Parameters
    ----------
    name : {"labels_by_eye.csv", "compare_networks.json"}
        Answers of another reader (lessons 01 and 07); networks with and without batch norm and
        dropout (lesson 06).
    """
    return Path(__file__).with_name("stored") / name


def known_spectra(spectra, n=600, seed=1):
    """Return spectra whose redshift, subtype and signal-to-noise ratio are known.

    Parameters
    ----------
    spectra : SpectraSet
        The lesson's data.
    n, seed : int
        Size and seed of the simulated survey that takes their place when `spectra` has no truth
        table, as in the published training files.

    Returns
    -------
    SpectraSet
        `spectra` itself when it has a truth table.
    """
    from spectra_helpers.simulate import simulate_survey  # slow to import: only when needed

    return spectra if spectra.truth is not None else simulate_survey(n, seed)


def pick_example(spectra, name, subtype="", redshift=(-1.0, 10.0)):
    """Return the row of a clear and typical example among the spectra that fit.

    Of the fifth with the highest signal-to-noise ratio, that whose shape is nearest to the median
    of all that fit.

    Parameters
    ----------
    spectra : SpectraSet
        With a truth table, see `known_spectra`.
    name : {"galaxy", "quasar", "star"}
    subtype : str
        What the subtype begins with, such as ``"G"`` for the stars G0 to G9.
    redshift : tuple of float
        Lowest and highest redshift.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If no spectrum fits.
    """
    truth = spectra.truth
    fits = spectra.label == CLASSES.index(name)
    fits &= np.char.startswith(np.asarray(truth["subtype"], dtype=str), subtype)
    fits &= (truth["z"] >= redshift[0]) & (truth["z"] <= redshift[1])
    rows = np.flatnonzero(fits)
    if not rows.size:
        raise ValueError(
            f"No {name} of subtype {subtype!r} has a redshift in {redshift}: ask for a wider range."
        )
    shapes = energy_normalize(spectra.flux[rows])
    far = np.linalg.norm(shapes - np.median(shapes, axis=0), axis=1)
    clear = np.argsort(truth["snr"][rows])[-max(len(rows) // 5, 1) :]
    return int(rows[clear[np.argmin(far[clear])]])
