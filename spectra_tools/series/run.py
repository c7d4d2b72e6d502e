"""Run the lessons without a browser: ``python3 run.py lessons``.

``python -m spectra_tools.series.run 1 7 --save`` runs lessons 01 and 07, prints how long
each took and then the final table, keeps the outputs in the notebooks and writes the times
wherever they are told. The final table is what the cell of lesson 07 with the tag ``final-table``
prints.
"""

import argparse
import math
import queue
import sys
import time

import nbformat
import psutil
from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.channels import AsyncZMQSocketChannel
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from traitlets import Type

from spectra_tools.series import instructor, links
from spectra_tools.series.notebooks import find_lessons, save_lesson
from spectra_tools.series.times import save_time

TABLE_TAG = "final-table"


class PatientChannel(AsyncZMQSocketChannel):
    """A channel that looks again each second.

    On a busy machine the socket now and then fails to wake us for an answer that is there; waiting
    in one piece, a lesson then stands still until its longest time has passed.
    """

    async def get_msg(self, timeout=None):
        """Return the next message, or raise ``queue.Empty`` after ``timeout`` seconds."""
        end = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            left = max(0.0, end - time.monotonic())
            try:
                return await super().get_msg(min(1.0, left))
            except queue.Empty:
                if left <= 1:
                    raise


class PatientClient(AsyncKernelClient):
    """A kernel's client with patient channels."""

    shell_channel_class = Type(PatientChannel)
    iopub_channel_class = Type(PatientChannel)


class PatientManager(AsyncKernelManager):
    """Starts a kernel and its patient client."""

    client_factory = Type(PatientClient)


def run_lesson(path, timeout=600):
    """Run one notebook in a kernel of its own, in the folder of the notebook.

    Parameters
    ----------
    path : pathlib.Path
        The notebook.
    timeout : float
        Longest time one cell may take, in seconds.

    Returns
    -------
    notebook : nbformat.NotebookNode
        The notebook with its new outputs.
    cpu_seconds : float
        CPU time of the kernel and of the processes it waited for, over all cores.

    Raises
    ------
    nbclient.exceptions.CellControlSignal, nbclient.exceptions.DeadKernelError
        When a cell raises an error or takes too long, or when the kernel dies.
    """
    notebook = nbformat.read(path, as_version=4)
    cpu_seconds = 0.0

    def read_clock(**_):
        # after each cell, because the kernel is gone when the notebook ends
        nonlocal cpu_seconds
        cpu_seconds = sum(psutil.Process(client.km.provisioner.pid).cpu_times()[:4])

    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        kernel_manager_class=PatientManager,
        extra_arguments=["--log-level=ERROR"],
        record_timing=False,
        coalesce_streams=True,  # else one print more or less a piece changes the file
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_executed=read_clock,
    )
    client.execute()
    return notebook, cpu_seconds


def read_table(notebook):
    """Return the text that the cells with the tag ``final-table`` printed."""
    outputs = [
        output
        for cell in notebook.cells
        if cell.cell_type == "code" and TABLE_TAG in cell.metadata.get("tags", ())
        for output in cell.outputs
    ]
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs
    ]
    return "\n".join(text.rstrip("\n") for text in texts)


def run_lessons(paths, save=False):
    """Run lessons one after the other, report on each, return how many stopped with an error."""
    failures, table = 0, ""
    for path in paths:
        title = path.stem[3:].replace("_", " ")
        print(f"lesson {path.name[:2]}  {title:<26}", end=" ", flush=True)
        start = time.perf_counter()
        try:
            notebook, cpu_seconds = run_lesson(path)
        except (CellControlSignal, DeadKernelError) as error:
            failures += 1
            print(f"stopped with an error\n{error}", flush=True)
            continue
        print(f"{time.perf_counter() - start:6.1f} s {cpu_seconds:7.1f} CPU s", flush=True)
        table = read_table(notebook) or table
        if save:
            save_lesson(notebook, path)
            save_time(path, cpu_seconds)
    if table:
        print(f"\n{table}")
    return failures


def main(arguments=None):
    """Read the command line, run the lessons, return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 run.py lessons")
    parser.add_argument("numbers", nargs="*", type=int, help="lessons to run (default: all)")
    parser.add_argument("--save", action="store_true", help="keep outputs and times in notebooks/")
    options = parser.parse_args(arguments)
    try:
        paths = find_lessons(options.numbers)
    except ValueError as error:
        parser.error(str(error))
    failures = run_lessons(paths, options.save)
    if options.save:
        links.main()
        instructor.main()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
