"""Run one submitted notebook within limits, in a process of its own (`spectra class grade`).

`main` is called with a file (JSON) that describes the task: the notebook, where to write it with
outputs, the student, the limits, the folder to work in, and the folders that are closed to the
student's code. This process is trusted: it talks to the kernel, which alone runs the student's code
and which can reach neither this process nor its files. Checks come to the kernel one cell at a time
and lie in no file there.
"""

import asyncio
import json
import math
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_output
from traitlets import Any

from spectra_tools.classroom import sandbox
from spectra_tools.classroom.limits import STARTUP, Limits, Watch, require_room
from spectra_tools.classroom.verdict import (
    add_canaries,
    add_error,
    finish,
    is_canary,
    is_check,
)

FAULT_OF_COMPUTER = 3  # exit code: the disk is full, or no kernel starts
SOCKET_NAME = 107  # bytes that the path of a socket may have on Linux
OUTPUT_LIMIT = 1_000_000  # characters that a cell may show
CUT = f"\n... the grader has cut the output here, after {OUTPUT_LIMIT:,} characters ...\n"
REMEMBER = "import os; os.environ['SPECTRA_STUDENT'] = {!r}"  # code before may have changed it


class LimitedClient(NotebookClient):
    """An `NotebookClient` that goes on after every failure and writes it into the cells."""

    watch, student = Any(), Any()

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.ended, self.shown = None, {}

    async def async_execute_cell(self, cell, cell_index, *args, **options):
        """Run a cell; if the kernel is gone, say so in this cell and all that follow."""
        if cell.cell_type != "code":
            return cell
        if self.ended is None:
            try:
                if is_check(cell) or is_canary(cell):
                    self.kc.execute(REMEMBER.format(self.student), silent=True)
                    options["store_history"] = False  # a later cell could print it
                return await super().async_execute_cell(cell, cell_index, *args, **options)
            except (DeadKernelError, RuntimeError):
                await asyncio.sleep(0.3)  # the watch may be about to say why
                self.ended = self.watch.reason or ("KernelDied", "This cell ended the kernel.")
                add_error(cell, *self.ended)
                return cell
        add_error(cell, "NotRun", f"An earlier cell ended the notebook: {self.ended[1]}")
        return cell

    def process_message(self, msg, cell, cell_index):
        """Take a message of the kernel, unless the cell has already shown too much."""
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "update_display_data"):
            shown = self.shown.get(cell_index, 0)
            self.shown[cell_index] = shown + 100 + len(json.dumps(msg["content"], default=str))
            if self.shown[cell_index] > OUTPUT_LIMIT:
                if shown <= OUTPUT_LIMIT:
                    cell.outputs.append(new_output("stream", name="stdout", text=CUT))
                return None
        return super().process_message(msg, cell, cell_index)


def note_timeout(cell, cell_index, execute_reply):
    """Let a cell that was interrupted show why: the kernel itself says KeyboardInterrupt."""
    content = execute_reply["content"]
    if content.get("ename") == "TimeLimit":
        add_error(cell, content["ename"], content["evalue"])


def run_notebook(notebook, work, student, limits, closed, fonts=()):
    """Run a notebook in a new kernel; its cells get their outputs, or an error that says why not.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place.
    work : Path
        An empty folder.
    student : str
    limits : Limits
    closed : sequence of Path
        Folders that the student's code may not read.
    fonts : sequence of str
        Matplotlib's lists of fonts.

    Raises
    ------
    OSError
        If the kernel does not even start: no student is at fault.
    """
    sandbox.make_work_folder(work, fonts)
    add_canaries(notebook)
    watch, seconds = Watch(limits), math.ceil(limits.cell_seconds)  # nbclient takes whole ones
    client = LimitedClient(
        notebook, watch=watch, student=student, timeout=seconds,
        startup_timeout=STARTUP,
        interrupt_on_timeout=True, allow_errors=True, coalesce_streams=True, kernel_name="student",
        error_on_timeout=make_timeout_reply(seconds), on_cell_executed=note_timeout,
        on_notebook_start=watch.begin,
        extra_arguments=["--HistoryManager.enabled=False"],
    )  # fmt: skip
    client.km = make_manager(client, work, closed)
    client.owns_km = True
    watch.start()
    with tempfile.TemporaryFile(dir=work) as said:  # students may write much past Jupyter
        streams = {"stdout": said, "stderr": said}
        try:
            client.execute(cwd=str(work), env=sandbox.make_environment(work, student), **streams)
        except RuntimeError as error:
            if not client.code_cells_executed:  # no student's code has run
                raise OSError(describe_start(watch, said, error)) from error
            client.ended = watch.reason or ("KernelDied", " ".join(str(error).split()))
        finally:
            watch.stopped.set()
    finish(notebook, client.ended)


def describe_start(watch, said, error):
    """Return why a kernel did not start: the limit it passed, or its last words."""
    if watch.reason:
        return f"Python did not start within its limits: {watch.reason[1]} Allow more."
    said.seek(0)
    words = said.read(1_000_000).decode(errors="replace").split("\n")
    last = " / ".join([line.strip() for line in words if line.strip()][-3:])
    return f"Python did not start: {error}. Its last words: {last or 'none'}."


def make_timeout_reply(seconds):
    """Return what the kernel is taken to answer for a cell that ran too long."""
    sentence = f"This cell ran longer than {seconds:g} seconds and was stopped."
    return {"ename": "TimeLimit", "evalue": sentence, "traceback": []}


def make_manager(client, work, closed):
    """Return a manager for the guarded kernel; in the sandbox it is reached through its folder."""
    folder = work / ".jupyter" / "student"
    folder.mkdir()
    spec = {
        "argv": sandbox.kernel_command(work, closed), "display_name": "student",
        "language": "python",
        # a signal would hit the sandbox; Windows knows nothing else
        "interrupt_mode": "signal" if sys.platform == "win32" else "message",
    }  # fmt: skip
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(folder.parent)], ensure_native_kernel=False)
    options = {"connection_file": str(work / ".jupyter" / "connection.json")}
    if sandbox.has_sandbox():  # a sandbox without a network has no ports: sockets are files
        options |= {"transport": "ipc", "ip": name_socket(work)}
    return client.kernel_manager_class(kernel_name="student", kernel_spec_manager=specs, **options)


def name_socket(work):
    """Return how the paths of the kernel's sockets begin; Jupyter adds a number to each."""
    name = str(work / ".jupyter" / "socket")
    if len(os.fsencode(f"{name}-5")) > SOCKET_NAME:
        raise OSError(
            f"The folder for temporary files has too long a name for sockets ({name}-5): set "
            "TMPDIR to a shorter one, such as /tmp."
        )
    return name


def main():
    """Carry out the task that a JSON file describes.

    Exit with `FAULT_OF_COMPUTER`, and why on stdout, if no notebook could have done better.
    """
    task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        execute(task)
    except OSError as error:
        print(" ".join(str(error).split()))
        raise SystemExit(FAULT_OF_COMPUTER) from error


def execute(task):
    """Run the notebook of a task and write it with outputs."""
    require_room(task["folder"])
    notebook = nbformat.read(task["notebook"], as_version=4)
    places = {"dir": task["folder"], "ignore_cleanup_errors": True}
    with tempfile.TemporaryDirectory(**places) as folder:
        work = Path(folder).resolve()
        limits = Limits(**task["limits"])
        run_notebook(notebook, work, task["student"], limits, task["closed"], task["fonts"])
    require_room(task["folder"])  # what the student wrote is gone
    nbformat.validate(notebook)  # outputs are what the student's code made of them
    nbformat.write(notebook, task["out"])
