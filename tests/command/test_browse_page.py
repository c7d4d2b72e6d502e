"""`spectra browse` in a real browser: the page opens, its sliders answer, it shows nothing else.

Nothing is installed here: without Chromium the tests that need it skip and say so.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from lab_in_browser import (
    CHROMIUM,
    CHROMIUM_OPTIONS,
    HAS_CHANGED,
    PATIENCE,
    READ_PICTURES,
    ROOT,
    move_sliders,
)
from typer.testing import CliRunner

from spectra_helpers.files import write_spectra
from spectra_tools.command.browse import check_port, make_command, write_page
from spectra_tools.command.main import app

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None,
    reason="no Chromium to open the page in (Debian, Ubuntu: apt install chromium)",
)


def find_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(port, server):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.3)
        else:
            return
    raise RuntimeError("the server did not start")


@pytest.fixture(scope="module")
def home(tmp_path_factory, easy_set):
    """A user's folder with a training file, and a picture that is nobody's business."""
    home = tmp_path_factory.mktemp("home")
    write_spectra(home / "easy.fits", easy_set)
    (home / "secret.png").write_bytes(b"\x89PNG")
    (home / "temporary").mkdir()
    return home


@pytest.fixture(scope="module")
def server(home):
    """Run the command; afterwards it has ended and has left no file behind."""
    port = find_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "spectra_tools", "browse", "easy.fits", "--no-browser"]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    env = os.environ | {"PYTHONPATH": path, "TMPDIR": str(home / "temporary")}
    with (home / "jupyter.log").open("w") as log:
        server = subprocess.Popen(
            [*command, f"--port={port}"], cwd=home, env=env, stdout=log, stderr=log
        )
        wait_until_open(port, server)
        yield address
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)
    assert "Traceback" not in (home / "jupyter.log").read_text()
    assert not list((home / "temporary").glob("spectra_browse_*"))


class VoilaPage:
    """A page of Voilà, for `move_sliders`."""

    def __init__(self, context, address):
        self.page, self.errors = context.new_page(), []
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(address, wait_until="commit")
        self.page.wait_for_selector("img[alt]")

    def find_widgets(self):
        return [self.page.query_selector("body")]

    def press(self, cell, element, key):
        before = cell.evaluate(READ_PICTURES)
        element.focus()
        self.page.keyboard.press(key)
        self.page.wait_for_function(HAS_CHANGED, arg=[cell, before], polling=50)
        assert self.page.locator("[role=alert]").count() == 0
        assert not self.errors


@pytest.fixture(scope="module")
def page(server):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield VoilaPage(browser.new_context(viewport={"width": 1200, "height": 1000}), server)
        browser.close()


@needs_chromium
def test_every_slider_of_the_page_answers_the_keyboard(page):
    assert move_sliders(page) == 6
    alt = page.page.locator("img[alt]").get_attribute("alt")
    assert "row 1, SNR about" in alt
    assert "3920 to 8980 Å" in alt


@needs_chromium
def test_page_saves_the_picture(page):
    button = page.page.get_by_text("Save the picture")
    button.focus()
    with page.page.expect_download() as download:
        page.page.keyboard.press("Enter")
    assert re.fullmatch(r"easy\.fits_row_\d\.png", download.value.suggested_filename)
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


@needs_chromium
def test_page_fits_a_phone_and_shows_no_code(page):
    page.page.set_viewport_size({"width": 390, "height": 844})
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "browse_files" not in page.page.inner_text("body")


@needs_chromium
@pytest.mark.parametrize(
    "path",
    [
        "secret.png",
        "easy.fits",
        "browse.ipynb",
        "../secret.png",
        "..%2Fsecret.png",
        "%2Fetc%2Fhosts",
    ],
)
def test_no_file_is_served(server, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{server}/voila/files/{path}", timeout=PATIENCE)
    refused.value.close()
    assert refused.value.code in (403, 404)


def run(*words):
    return CliRunner().invoke(app, ["browse", *map(str, words)])


@pytest.fixture
def no_server(monkeypatch):
    """Fail where a server would be started."""
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a server was started"))


@pytest.mark.parametrize("name", ["missing.fits", "text.fits", "empty"])
def test_wrong_file_gets_one_line_and_no_server(no_server, tmp_path, name):
    (tmp_path / "text.fits").write_text("no spectra")
    (tmp_path / "empty").mkdir()
    result = run(tmp_path / name)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert name in line


def test_port_in_use_gets_one_line_and_no_server(no_server, home):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run(home / "easy.fits", "--port", port)
    assert result.exit_code == 1
    assert result.stderr == f"Error: Port {port} cannot be used: give another --port.\n"


def test_port_of_a_page_that_was_just_ended_can_be_used_again():
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as reader:
            server.accept()[0].close()  # who ends first has to wait: see TIME_WAIT of TCP
            reader.recv(1)
    check_port(port)


def test_folder_that_windows_still_holds_is_no_error(home, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError("the folder is in use")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("spectra_tools.command.browse.run_server", lambda *_: None)
    monkeypatch.setattr(os, "rmdir", refuse)
    assert run(home / "easy.fits", "--port", find_port()).exit_code == 0


def test_page_opens_by_itself_unless_told_not_to(tmp_path):
    page = write_page(tmp_path, [tmp_path / "it's.fits"])
    assert "--no-browser" not in make_command(page, 1, open_page=True)
    assert "--no-browser" in make_command(page, 1, open_page=False)
    assert [path.name for path in tmp_path.iterdir()] == ["browse.ipynb"]


def test_server_that_fails_is_told(home, monkeypatch):
    monkeypatch.setattr(
        "spectra_tools.command.browse.make_command", lambda *_: [sys.executable, "-c", "exit(3)"]
    )
    before = signal.getsignal(signal.SIGTERM)
    result = run(home / "easy.fits", "--port", find_port())
    signal.signal(signal.SIGTERM, before)
    assert result.exit_code == 1
    assert "has ended with an error" in result.stderr
