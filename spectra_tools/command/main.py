"""The ``spectra`` command: each lesson's main step, for files of one's own (lesson 07)."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from spectra_tools.classroom.commands import app as class_app
from spectra_tools.command.errors import report_errors, show_error

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up notes are no errors

app = typer.Typer(
    help="Get, check, preview, convert and classify spectra: galaxy, quasar or star.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(class_app, name="class")


class ModelName(StrEnum):
    """Models that ``spectra train`` can train."""

    forest = "forest"
    svm = "svm"
    cnn = "cnn"
    templates = "templates"


class SurveyName(StrEnum):
    """Surveys that ``spectra simulate`` can simulate."""

    deep = "deep"
    published = "published"


class ClassName(StrEnum):
    """Classes, for ``spectra convert --label``; their order is that of the labels."""

    galaxy = "galaxy"
    quasar = "quasar"
    star = "star"


Files = Annotated[list[str], typer.Argument(help="Files, folders or patterns.", metavar="FILE...")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]


class ErrorCount:
    """Show errors as they come, and exit with code 1 at the end if there were any."""

    def __init__(self):
        self.number = 0

    def __call__(self, error):
        """Show an error and count it."""
        show_error(error)
        self.number += 1

    def exit_if_any(self):
        """Leave with exit code 1 if an error was shown."""
        if self.number:
            raise typer.Exit(1)


@app.command()
@report_errors
def simulate(
    out: Annotated[Path, typer.Argument(help="Training file to write.", metavar="OUT.fits")],
    n: Annotated[int, typer.Option("--n", help="Number of spectra.", min=1)] = 10_000,
    seed: Annotated[int, typer.Option(help="Another seed, other spectra.", min=0)] = 1,
    survey: Annotated[
        SurveyName, typer.Option(help="deep: the faint sky. published: as bright as the lessons'.")
    ] = SurveyName.deep,
    force: Force = False,
):
    """Simulate a survey and write it as a training file."""
    from spectra_helpers.files import require_output, require_training_name
    from spectra_helpers.simulate import simulate_to_file

    require_training_name(out)
    require_output(out, force)
    simulate_to_file(out, n, seed, progress=True, survey=str(survey))
    typer.echo(f"Wrote {out}: {n:,} simulated spectra, seed {seed}, of the {survey} survey.")


@app.command()
@report_errors
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


@app.command()
@report_errors
def check(files: Files):
    """Tell what is wrong with training files, or that nothing is."""
    from spectra_helpers.files import describe_file, expand_paths

    errors = ErrorCount()
    for path in expand_paths(files):
        problems, description = describe_file(path)
        for problem in problems:
            errors(problem)
        if not problems:
            typer.echo(f"Good: {description}")
    errors.exit_if_any()


@app.command()
@report_errors
def preview(
    file: Annotated[Path, typer.Argument(help="A training file or a real survey file.")],
    index: Annotated[int | None, typer.Argument(help="Row of the training file.", min=0)] = None,
    out: Annotated[Path | None, typer.Option("-o", help="Picture (PNG, SVG or PDF).")] = None,
    n: Annotated[int, typer.Option("--n", help="Random spectra a class.", min=1, max=20)] = 3,
    seed: Annotated[int, typer.Option(help="Another seed, other spectra.", min=0)] = 1,
    force: Force = False,
):
    """Plot one spectrum, or some random ones of each class; without -o in a window."""
    from spectra_tools.command.preview import choose_picture, draw_preview, show_or_save

    out = choose_picture(file, out, force)
    figure, sentence = draw_preview(file, index, n, seed)
    show_or_save(figure, sentence, out)
    typer.echo(sentence)
    if out:
        typer.echo(f"Wrote {out}.")


@app.command()
@report_errors
def browse(
    files: Files,
    port: Annotated[int, typer.Option(help="Of the page's address.", min=1, max=65535)] = 8866,
    open_page: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a web browser.")
    ] = True,
):
    """Look at spectra in a web browser, with sliders; Ctrl-C ends it."""
    from spectra_helpers.files import expand_paths
    from spectra_tools.command.browse import serve_browser

    serve_browser(expand_paths(files), port, open_page, typer.echo)


@app.command()
@report_errors
def convert(
    spectra: Files,
    out: Annotated[Path, typer.Option("-o", help="Training file to write.")],
    label: Annotated[
        ClassName | None, typer.Option(help="Class of files that tell none themselves.")
    ] = None,
    force: Force = False,
):
    """Put real LAMOST and SDSS files into one training file."""
    from spectra_helpers.files import expand_paths, require_output, require_training_name
    from spectra_tools.command.convert import convert_files

    paths = expand_paths(spectra)
    require_training_name(out)
    require_output(out, force, paths)
    errors = ErrorCount()
    number = None if label is None else list(ClassName).index(label)
    written = convert_files(paths, out, number, errors)
    typer.echo(f"Wrote {out}: {written}.")
    errors.exit_if_any()


@app.command()
@report_errors
def train(
    files: Files,
    model: Annotated[ModelName, typer.Option(help="Which model to train.")],
    out: Annotated[Path, typer.Option("-o", help="Model file to write.")],
    seed: Annotated[int, typer.Option(help="Seed of the model.", min=0)] = 30,
    vary: Annotated[bool, typer.Option(help="Learn from varied copies too (lesson 03).")] = True,
    force: Force = False,
):
    """Train a model on labelled spectra and store it."""
    from spectra_helpers.files import expand_paths, require_output
    from spectra_tools.command.train import train_model

    paths = expand_paths(files)
    require_output(out, force, paths)
    trained_on = train_model(paths, str(model), out, seed, vary)
    typer.echo(f"Wrote {out}: {model} trained on {trained_on}.")


@app.command()
@report_errors
def predict(
    model: Annotated[Path, typer.Argument(help="Model file from `spectra train`.")],
    files: Files,
    out: Annotated[Path, typer.Option("-o", help="Table (CSV) to write.")],
    others: Annotated[
        list[Path] | None, typer.Option("--with", help="Another model, to vote with the first.")
    ] = None,
    force: Force = False,
):
    """Predict the class of every spectrum, with its probabilities."""
    from spectra_helpers.files import expand_paths, require_output
    from spectra_tools.command.predict import predict_files

    models, paths = [model, *(others or [])], expand_paths(files)
    require_output(out, force, [*models, *paths])
    errors = ErrorCount()
    n = predict_files(models, paths, out, errors)
    typer.echo(f"Wrote {out}: {n:,} spectra.")
    errors.exit_if_any()


@app.command()
@report_errors
def classify(
    files: Files,
    out: Annotated[Path | None, typer.Option("-o", help="Folder for scores and figure.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of split and models.", min=0)] = 30,
    force: Force = False,
):
    """Train forest, SVM, CNN and templates on four fifths of the spectra; score on the rest."""
    from spectra_helpers.files import expand_paths
    from spectra_tools.command.classify import classify_files

    for line in classify_files(expand_paths(files), out, seed, force):
        typer.echo(line)
