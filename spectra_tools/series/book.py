"""The series as pages: ``python3 run.py book`` makes them of the lessons with their outputs.

The settings are in ``book/conf.py``. No lesson is run and nothing comes from the network.
"""

import sys

from sphinx.cmd.build import build_main
from sphinx.locale import init_console

from spectra_tools.series.notebooks import NOTEBOOKS

ROOT = NOTEBOOKS.parent
FOLDER = ROOT / "build" / "book"  # git-ignored


def build_book(folder=FOLDER, options=()):
    """Write the pages into a folder, and return the exit code of Sphinx.

    Parameters
    ----------
    folder : pathlib.Path
        The pages go into its folder ``html``; beside it stays what Sphinx has read, for next time.
    options : sequence of str
        More options for ``sphinx-build``, such as ``--fresh-env``.

    Returns
    -------
    int
        0, or another number when there was a warning: each is an error.
    """
    command = ["-b", "html", "-c", ROOT / "book", "-d", folder / "doctrees", "--quiet"]
    command += ["--fail-on-warning", *options, ROOT, folder / "html"]
    init_console()  # else Sphinx has no words for --help
    return build_main([str(word) for word in command])


def main(options=None):
    """Build the pages and say how to open them."""
    print("Making the pages ...", flush=True)
    code = build_book(options=sys.argv[1:] if options is None else options)
    if code:
        print("The pages were not finished: see above.", file=sys.stderr)
        return code
    page = FOLDER / "html" / "index.html"
    print(f"The pages are in {page.parent}.\nOpen this address in a browser:  {page.as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
