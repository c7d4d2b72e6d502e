"""`spectra download`: the published training files; the work is in `spectra_tools.download`."""

from pathlib import Path
from typing import Annotated

import typer


def download(
    source: Annotated[
        str | None,
        typer.Option("--from", help="Another address, or a tar or zip here.", metavar="URL|FILE"),
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", help="Folder for the files.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Fetch again; replace files.")] = False,
):
    """Fetch the published training files (100,000 spectra, 2.4 GB) and check them."""
    from spectra_tools.download import download_spectra

    def warn(sentence):
        typer.echo(f"Warning: {sentence}", err=True)

    typer.echo(download_spectra(source, out, force, warn))
