"""What the outputs of a notebook that was run may count for: no check passes that was not run."""

import json

from nbformat.v4 import new_output

# These must fail. If one does not, the notebook has switched off what decides on its marks.
CANARIES = ("assert 1 == 2", "import numpy as np\nnp.testing.assert_allclose(1.0, 2.0)")
SWITCHED_OFF = (
    "ChecksSwitchedOff",
    "A check that must fail has passed: this notebook changes how checks work.",
)
FORGED = "ForgedMarks", "This check gives other marks than there are."
QUOTED = "... the grader has removed an output that quotes a hidden check ...\n"
HIDDEN = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
LONG = 25  # characters; shorter lines of a hidden check say nothing


def is_check(cell):
    """Tell whether a cell is a check that gives marks."""
    return cell.cell_type == "code" and bool(cell.metadata.get("nbgrader", {}).get("grade"))


def has_failed(cell):
    """Tell whether a cell shows an error."""
    return any(output.output_type == "error" for output in cell.outputs)


def add_error(cell, name, sentence):
    """Let a cell show an error of the grader."""
    traceback = [f"{name}: {sentence}"]
    cell.outputs.append(new_output("error", ename=name, evalue=sentence, traceback=traceback))


def finish(notebook, ended):
    """Take the canaries out again and settle what each check is worth.

    Parameters
    ----------
    notebook : NotebookNode
        With outputs, and with `CANARIES` as its last cells; changed in place.
    ended : (str, str) or None
        Name and sentence of what ended the kernel early.
    """
    canaries = [notebook.cells.pop() for _ in CANARIES]
    secrets = [line for cell in notebook.cells for line in list_hidden_lines(cell.source)]
    for cell in notebook.cells:
        if is_check(cell):
            settle(cell, ended, all(map(has_failed, canaries)))
        elif cell.cell_type == "code" and quotes(cell.outputs, secrets):
            cell.outputs = [new_output("stream", name="stdout", text=QUOTED)]


def settle(cell, ended, can_fail):
    """See to it that nbgrader gives a check the marks that it is worth.

    nbgrader takes a number that a check returns for partial marks, even beside an error.
    """
    shown = [out for out in cell.outputs if out.output_type == "execute_result"]
    results = {id(out): read_number(out) for out in shown}
    numbers = [number for number in results.values() if number is not None]
    problem = None
    if ended and cell.execution_count is None:
        problem = "NotRun", f"An earlier cell ended the notebook: {ended[1]}"
    elif not ended and not can_fail:
        problem = SWITCHED_OFF
    elif not all(0 <= number <= cell.metadata.nbgrader.points for number in numbers):
        problem = FORGED
    counts = not has_failed(cell) and problem is None
    cell.outputs = [
        out
        for out in cell.outputs
        if id(out) not in results or (counts and results[id(out)] is not None)
    ]
    if problem and not has_failed(cell):
        add_error(cell, *problem)


def read_number(output):
    """Return the number that a result shows, or None."""
    try:
        return float(output.data["text/plain"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def list_hidden_lines(source):
    """Return the lines of the hidden checks in a cell that are long enough to be known again."""
    lines, inside = [], False
    for line in source.splitlines():
        inside = (inside or HIDDEN[0] in line) and HIDDEN[1] not in line
        if inside and len(line.strip()) >= LONG:
            lines.append(line.strip())
    return lines


def quotes(outputs, secrets):
    """Tell whether outputs hold a line of a hidden check."""
    shown = json.dumps(outputs, ensure_ascii=False)
    return any(json.dumps(line, ensure_ascii=False)[1:-1] in shown for line in secrets)
