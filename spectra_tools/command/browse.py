"""`spectra browse`: the spectrum browser of lesson 01 as a page of its own."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from spectra_tools.command.errors import ErrorCount
from spectra_tools.command.options import Files

HERE = "127.0.0.1"  # nobody on the network sees the page


def browse(
    files: Files,
    port: Annotated[int, typer.Option(help="Of the page's address.", min=1, max=65535)] = 8866,
    open_page: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a web browser.")
    ] = True,
):
    """Look at spectra in a web browser, with sliders; Ctrl-C ends it."""
    from spectra_helpers.files import open_spectra

    errors = ErrorCount()
    opened = open_spectra(files, errors)
    serve_browser([file.path for file in opened.files], port, open_page, typer.echo)
    errors.exit_if_any()


def serve_browser(paths, port, open_page, tell):
    """Show files in the browser until the user stops it.

    Parameters
    ----------
    paths : list of Path
        Training files and real survey files that can be read.
    port : int
        Of the page's address.
    open_page : bool
        Whether to open the page in a web browser when the server is there.
    tell : callable
        Called with a sentence that holds the address.

    Raises
    ------
    ValueError
        Before anything starts: the port is in use.
    """
    check_port(port)
    # Windows may hold the folder for a moment after the server has ended
    with TemporaryDirectory(prefix="spectra_browse_", ignore_cleanup_errors=True) as folder:
        command = make_command(write_page(folder, paths), port, open_page)
        tell(f"Spectra at http://{HERE}:{port}/ in some seconds (Ctrl-C ends it).")
        run_server(command, folder)


def run_server(command, folder):
    """Run the server until it ends or the user stops it; leave no process behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # else nothing below would be run
    server = subprocess.Popen(command, cwd=folder)
    try:
        if server.wait():
            raise ValueError("The server of the page has ended with an error: see above.")
    except KeyboardInterrupt:
        pass  # Ctrl-C is how one leaves
    finally:
        server.terminate()  # it ends its kernels first
        server.wait()


def check_port(port):
    """Raise `ValueError` if another program has the port."""
    with socket.socket() as probe:
        if os.name != "nt":  # on Windows this takes ports of others; elsewhere the server sets it
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HERE, port))
        except OSError as error:
            raise ValueError(f"Port {port} cannot be used: give another --port.") from error


def write_page(folder, paths):
    """Write the notebook that the server shows into a folder where there is nothing else."""
    import nbformat

    names = [str(path.resolve()) for path in paths]
    call = f"from spectra_helpers.widgets import browse_files\n\nbrowse_files({names!r})"
    cells = [nbformat.v4.new_markdown_cell("# Spectra"), nbformat.v4.new_code_cell(call)]
    page = nbformat.v4.new_notebook(cells=cells)
    page.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    path = Path(folder) / "browse.ipynb"
    nbformat.write(page, path)
    return path


def make_command(page, port, open_page):
    """Return the command that serves a notebook: outputs only, no code, no other file."""
    options = [f"--port={port}", f"--Voila.ip={HERE}", "--Voila.port_retries=0"]
    options += [] if open_page else ["--no-browser"]
    options += ["--VoilaConfiguration.file_denylist=.*", "--Voila.log_level=ERROR"]
    return [sys.executable, "-m", "voila", str(page), *options]
