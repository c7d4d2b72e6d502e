"""What the outputs of a notebook that was run may count for: no check passes that was not run."""

import json
from itertools import islice

from nbformat.v4 import new_code_cell, new_output

# These must fail. If one does not, the notebook has switched off what decides on its marks. They
# run after each check, because a student's last cell may end the kernel, and set no name.
CANARIES = ("assert 1 == 2", "__import__('numpy').testing.assert_allclose(1.0, 2.0)")
SWITCHED_OFF = (
    "ChecksSwitchedOff",
    "A check that must fail has passed: this notebook changes how checks work.",
)
UNSEEN = "The notebook ended before it was seen that this check can fail: "
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


def add_canaries(notebook):
    """Put `CANARIES` after each check of a notebook; `finish` takes them out again."""
    notebook.cells = [
        part
        for cell in notebook.cells
        for part in (cell, *(map(new_code_cell, CANARIES) if is_check(cell) else ()))
    ]


def is_canary(cell):
    """Tell whether a cell is one that must fail."""
    return cell.source in CANARIES


def finish(notebook, ended):
    """Take the canaries out again and settle what each check is worth.

    Parameters
    ----------
    notebook : NotebookNode
        With outputs, and with `CANARIES` after each check; changed in place.
    ended : (str, str) or None
        Name and sentence of what ended the kernel early.
    """
    cells, canaries, rest = [], [], iter(notebook.cells)
    for cell in rest:
        cells.append(cell)
        canaries.append(list(islice(rest, len(CANARIES))) if is_check(cell) else [])
    notebook.cells = cells
    secrets = [line for cell in cells for line in list_hidden_lines(cell.source)]
    passed = any(has_passed(canary) for own in canaries for canary in own)
    for cell, own in zip(cells, canaries, strict=True):
        if is_check(cell):
            settle(cell, ended, passed, all(map(has_refused, own)))
        elif cell.cell_type == "code" and quotes(cell.outputs, secrets):
            cell.outputs = [new_output("stream", name="stdout", text=QUOTED)]


def has_passed(canary):
    """Tell whether a canary ran and did not fail."""
    return canary.execution_count is not None and not has_failed(canary)


def has_refused(canary):
    """Tell whether a canary ran and failed by itself, not because the kernel was gone."""
    names = [output.ename for output in canary.outputs if output.output_type == "error"]
    return canary.execution_count is not None and names == ["AssertionError"]


def settle(cell, ended, passed, refused):
    """See to it that nbgrader gives a check the marks that it is worth.

    nbgrader takes a number that a check returns for partial marks, even beside an error.

    Parameters
    ----------
    cell : NotebookNode
        The check, changed in place.
    ended : (str, str) or None
    passed : bool
        Whether any canary of the notebook passed.
    refused : bool
        Whether the canaries after this check failed as they must.
    """
    shown = [out for out in cell.outputs if out.output_type == "execute_result"]
    results = {id(out): read_number(out) for out in shown}
    numbers = [number for number in results.values() if number is not None]
    problem = None
    if ended and cell.execution_count is None:
        problem = "NotRun", f"An earlier cell ended the notebook: {ended[1]}"
    elif passed or not (refused or ended):
        problem = SWITCHED_OFF
    elif not refused:
        problem = "KernelDied", UNSEEN + ended[1]
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
