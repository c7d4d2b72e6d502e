"""Are the lessons stored as one run from the top leaves them?

``python -m spectra_tools.series.check_notebooks [NOTEBOOKS]`` looks, and runs nothing; without
names it looks at all lessons. .pre-commit-config.yaml calls it before each commit.
"""

import sys
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def find_disorder(notebook):
    """Return what shows that a notebook was not run once, from the top to the end.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    list of str
        A sentence for each thing found; empty when all is well.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    found = []
    for expected, cell in enumerate(cells, start=1):
        first = cell.source.strip().splitlines()[0]
        if cell.execution_count is None:
            found.append(f"not run: {first}")
        elif cell.execution_count != expected:
            found.append(f"run as number {cell.execution_count}, not {expected}: {first}")
        if any(output.output_type == "error" for output in cell.outputs):
            found.append(f"ended with an error: {first}")
    return found


def main(arguments):
    """Print what is found in each notebook; return 1 if anything is, else 0."""
    paths = [Path(name) for name in arguments] or sorted(NOTEBOOKS.glob("0*.ipynb"))
    found = [
        f"{path}: {sentence}"
        for path in paths
        for sentence in find_disorder(nbformat.read(path, as_version=4))
    ]
    for line in found:
        print(line)
    if found:
        print("Run these lessons anew:  python3 run.py lessons NUMBERS --save")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
