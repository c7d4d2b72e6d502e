"""Arguments that several commands of ``spectra`` have."""

from typing import Annotated

import typer

Files = Annotated[list[str], typer.Argument(help="Files, folders or patterns.", metavar="FILE...")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]
