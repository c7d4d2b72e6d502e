"""The series as pages: ``python3 run.py book`` makes them of the lessons with their outputs.

The settings are in ``book/conf.py``. No lesson is run and nothing comes from the network.
"""

import sys

from sphinx.cmd.build import build_main

from spectra_helpers.lesson_tools.run import NOTEBOOKS

ROOT = NOTEBOOKS.parent
FOLDER = ROOT / "build" / "book"


def build_book(folder=FOLDER, options=()):
    """Write the pages into a folder, and return the exit code of Sphinx.

    Parameters
    ----------
    folder : pathlib.Path
        Where the pages go; what Sphinx remembers for the next time goes beside it.
    options : sequence of str
        More options for ``sphinx-build``, such as ``--fresh-env``.

    Returns
    -------
    int
        0, or another number when there was a warning: each is an error.
    """
    memory = folder.with_name(f"{folder.name}-doctrees")
    command = ["-b", "html", "-c", ROOT / "book", "-d", memory, "--quiet", "--fail-on-warning"]
    return build_main([*map(str, command), *options, str(ROOT), str(folder)])


def main(options=None):
    """Build the pages and say how to open them."""
    print("Making the pages ...", flush=True)
    code = build_book(options=sys.argv[1:] if options is None else options)
    if code:
        print("The pages were not finished: see above.", file=sys.stderr)
        return code
    page = FOLDER / "index.html"
    print(f"The pages are in {FOLDER}.\nOpen this address in a browser:  {page.as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
