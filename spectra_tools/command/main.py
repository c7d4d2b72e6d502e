"""The ``spectra`` command: each lesson's main step, for files of one's own (lesson 07).

Each command has a file of its own beside this one. Slow packages are imported in the functions that
need them, so that ``spectra --help`` answers at once.
"""

import os

import typer

from spectra_tools.classroom.commands import app as class_app
from spectra_tools.command.browse import browse
from spectra_tools.command.check import check
from spectra_tools.command.classify import classify
from spectra_tools.command.convert import convert
from spectra_tools.command.download import download
from spectra_tools.command.errors import report_errors
from spectra_tools.command.predict import predict
from spectra_tools.command.preview import preview
from spectra_tools.command.simulate import simulate
from spectra_tools.command.train import train

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up notes are no errors

app = typer.Typer(
    help="Get, check, preview, convert and classify spectra: galaxy, quasar or star.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    simulate, download, check, preview, browse, convert, train, predict, classify,
):  # fmt: skip
    app.command()(report_errors(command))
app.add_typer(class_app, name="class")
