"""Running lessons without a browser, on two small notebooks made here."""

import asyncio
import queue
from pathlib import Path

import nbformat
import pytest
from jupyter_client.channels import AsyncZMQSocketChannel
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from spectra_tools.series import instructor, links, run
from spectra_tools.series.notebooks import find_lessons, save_lesson
from spectra_tools.series.run import (
    PatientChannel,
    main,
    run_lesson,
    run_lessons,
)
from spectra_tools.series.times import read_times

TABLE = "print('forest 0.97\\nsvm    0.98')"
SLIDER = "import ipywidgets\nipywidgets.IntSlider(3)"


def write_lesson(folder, name, *sources, tag=None):
    cells = [new_markdown_cell("# A lesson"), *map(new_code_cell, sources)]
    if tag:
        cells[-1].metadata.tags = [tag]
    notebook = new_notebook(cells=cells)
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i}"
    nbformat.write(notebook, folder / name)
    return folder / name


def test_lessons_are_found_by_number_and_in_order(tmp_path):
    for name in ("07_comparison.ipynb", "01_explore.ipynb", "notes.ipynb"):
        write_lesson(tmp_path, name)
    first, last = tmp_path / "01_explore.ipynb", tmp_path / "07_comparison.ipynb"
    assert find_lessons(folder=tmp_path) == [first, last]
    assert find_lessons([7], tmp_path) == [last]
    with pytest.raises(ValueError, match="Choose from: 1, 7"):
        find_lessons([8], tmp_path)


def test_cpu_seconds_are_those_of_the_kernel(tmp_path):
    spin = "import time\nwhile time.process_time() < 2: pass"
    notebook, cpu_seconds = run_lesson(write_lesson(tmp_path, "01_spin.ipynb", spin))
    assert 1.9 < cpu_seconds < 6  # the clock ticks in hundredths
    assert notebook.cells[1].execution_count == 1


def test_final_table_is_printed_last_and_saved_outputs_do_not_change(tmp_path, capsys):
    path = write_lesson(tmp_path, "07_toy.ipynb", SLIDER, TABLE, tag="final-table")
    assert run_lessons([path], save=True) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("lesson 07  toy")
    assert printed.endswith("CPU s\n\nforest 0.97\nsvm    0.98\n")
    first = path.read_bytes()
    assert b"IntSliderModel" in first
    run_lessons([path], save=True)
    assert path.read_bytes() == first
    nbformat.validate(nbformat.read(path, as_version=4))


def test_time_is_kept_with_the_outputs(tmp_path, monkeypatch):
    monkeypatch.delenv("SPECTRA_TIER")
    path = write_lesson(tmp_path, "01_toy.ipynb", "1")
    run_lessons([path])
    assert read_times(tmp_path) == {}
    run_lessons([path], save=True)
    assert read_times(tmp_path)["01_toy"] > 0


@pytest.mark.parametrize(("options", "written"), [([], []), (["--save"], ["links", "instructor"])])
def test_saved_times_are_written_wherever_they_are_told(tmp_path, monkeypatch, options, written):
    path, called = write_lesson(tmp_path, "01_toy.ipynb", "1"), []
    monkeypatch.setattr(run, "find_lessons", lambda numbers: [path])
    for module in (links, instructor):
        name = module.__name__.rpartition(".")[2]
        monkeypatch.setattr(module, "main", lambda name=name: called.append(name))
    assert main(options) == 0
    assert called == written


def test_failing_lesson_is_reported_left_as_it_was_and_does_not_stop_the_others(tmp_path, capsys):
    bad = write_lesson(tmp_path, "01_bad.ipynb", "1 / 0")
    good = write_lesson(tmp_path, "07_good.ipynb", TABLE, tag="final-table")
    before = bad.read_bytes()
    assert run_lessons([bad, good], save=True) == 1
    printed = capsys.readouterr().out
    assert "ZeroDivisionError" in printed
    assert printed.endswith("svm    0.98\n")
    assert bad.read_bytes() == before


def test_lesson_is_kept_when_writing_it_fails(tmp_path, monkeypatch):
    def write_half(path, *_, **__):
        path.write_bytes(b"half")
        raise OSError("the disk is full")

    path = write_lesson(tmp_path, "01_toy.ipynb", TABLE)
    before = path.read_bytes()
    monkeypatch.setattr(Path, "write_text", write_half)
    with pytest.raises(OSError, match="full"):
        save_lesson(nbformat.read(path, as_version=4), path)
    assert {one: one.read_bytes() for one in tmp_path.iterdir()} == {path: before}


def test_missed_message_is_found_at_the_next_look(monkeypatch):
    waits = []

    async def miss_twice(self, timeout):
        waits.append(timeout)
        if len(waits) < 3:
            raise queue.Empty
        return "answer"

    monkeypatch.setattr(AsyncZMQSocketChannel, "get_msg", miss_twice)
    channel = PatientChannel.__new__(PatientChannel)
    assert asyncio.run(channel.get_msg(timeout=600)) == "answer"
    assert waits == [1, 1, 1]
    waits.clear()
    with pytest.raises(queue.Empty):
        asyncio.run(channel.get_msg(timeout=0.5))
    assert len(waits) == 1


def test_dead_kernel_is_reported_at_once(tmp_path, capsys):
    path = write_lesson(tmp_path, "01_dead.ipynb", "import os\nos._exit(1)")
    assert run_lessons([path]) == 1
    assert "died" in capsys.readouterr().out


def test_unknown_lesson_number_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["99"])
    assert stop.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_folder_without_lessons_is_explained(tmp_path):
    with pytest.raises(ValueError, match="holds no lessons"):
        find_lessons(folder=tmp_path)
