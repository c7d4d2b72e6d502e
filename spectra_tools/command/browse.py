"""`spectra browse`: the spectrum browser of lesson 01 as a page of its own."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from spectra_helpers.files import open_sources

HERE = "127.0.0.1"  # nobody on the network sees the page


def serve_browser(paths, port, open_page, tell):
    """Show files in the browser until the user stops it.

    Parameters
    ----------
    paths : list of Path
        Training files and real survey files.
    port : int
        Of the page's address.
    open_page : bool
        Whether to open the page in a web browser when the server is there.
    tell : callable
        Called with a sentence that holds the address.

    Raises
    ------
    ValueError
        Before anything starts: a file cannot be read, or the port is in use.
    """
    open_sources(paths)
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
