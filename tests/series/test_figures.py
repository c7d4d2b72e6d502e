"""The command that makes figures/."""

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from spectra_tools.series import figures


@pytest.fixture
def run(tmp_path):
    app = typer.Typer()
    app.command()(figures.make_figures)
    return lambda *names: CliRunner().invoke(app, [*names, "-o", str(tmp_path / "made")])


@pytest.mark.parametrize("name", ["classes", "smoothing", "augmentation", "atlas"])
def test_figure_is_made_with_its_description(run, tmp_path, name, monkeypatch):
    monkeypatch.delenv("SPECTRA_REAL", raising=False)
    result = run(name)
    assert result.exit_code == 0, result.output
    path = tmp_path / "made" / f"{name}.png"
    assert Image.open(path).text["Description"].endswith(".")
    assert path.stat().st_size < 120_000


def test_unknown_figure(run):
    result = run("clases")
    assert result.exit_code != 0
    assert "classes" in result.output
