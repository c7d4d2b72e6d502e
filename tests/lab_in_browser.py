"""JupyterLab in Chromium, for tests: a server, and a page that opens and runs notebooks.

What a test waits for is asked of JupyterLab itself (``window.jupyterapp``), not read from the page:
cells folded under a heading are no part of the page, and the sign "idle" stands there before a
kernel has started. So nothing depends on how fast the machine is.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 240  # seconds; reached only where something hangs

OPEN_NOTEBOOK = """async path => {
    const app = window.jupyterapp;
    await app.restored;
    const found = {path, factory: "Notebook"};
    window.panel = await app.commands.execute("docmanager:open", found);
    await window.panel.context.ready;
}"""
CONNECT_KERNEL = """async () => {
    const session = window.panel.sessionContext;
    await session.ready;
    await session.session.kernel.info;  // the kernel has answered
    window.kernelErrors = [];
    session.iopubMessage.connect((_, message) => {
        const {ename, evalue, traceback} = message.content;
        if (message.header.msg_type === "error")
            window.kernelErrors.push([ename, evalue, ...traceback].join("\\n"));
    });
}"""
RUN_ALL_CELLS = """async () => {
    await window.jupyterapp.commands.execute("notebook:run-all-cells");
    const cells = Array.from(window.panel.model.cells);
    const code = cells.filter(cell => cell.type === "code" && cell.sharedModel.source.trim());
    return code.filter(cell => !cell.executionCount).map(cell => cell.sharedModel.source);
}"""
FIND_WIDGETS = """() => {
    const shows = output => "application/vnd.jupyter.widget-view+json" in (output.data ?? {});
    const cells = window.panel.content.widgets.filter(cell => cell.model.type === "code");
    return cells.filter(cell => cell.model.outputs.toJSON().some(shows)).map(cell => cell.node);
}"""
# a box holds empty places until its widgets are drawn
IS_DRAWN = """cell => cell.querySelector(".jupyter-widgets")
    && !cell.querySelector(".widget-box > :empty")
    && Array.from(cell.querySelectorAll("img")).every(image => image.complete)"""
READ_PICTURES = "cell => Array.from(cell.querySelectorAll('img'), i => i.alt + i.src).join('|')"
HAS_CHANGED = f"([cell, before]) => ({READ_PICTURES})(cell) !== before"
IS_IDLE = "() => window.panel.sessionContext.session.kernel.status === 'idle'"
READ_DIALOGS = "() => Array.from(document.querySelectorAll('.jp-Dialog'), d => d.innerText).join()"


@contextmanager
def start_jupyter(folder):
    """Serve the notebooks of a folder; give the address of a path as a function."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token, home = secrets.token_hex(16), folder.parent
    write_settings(home)
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "SPECTRA_TIER": "tiny",
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
    command += [f"--ServerApp.root_dir={folder}", "--ServerApp.ip=127.0.0.1"]
    command += ["--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"]
    with (home / "jupyter.log").open("w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for_server(server, f"http://127.0.0.1:{port}/api?token={token}", home)
            yield lambda path: f"http://127.0.0.1:{port}/{path}?token={token}"
        finally:
            stop(server)


def move_sliders(page):
    """Move each slider of a page one step by keyboard and return how many there were."""
    moved = 0
    for cell in page.find_widgets():
        for slider in cell.query_selector_all("[role=slider]"):
            low, high, now = (
                float(slider.get_attribute(f"aria-value{part}")) for part in ("min", "max", "now")
            )
            if low < high:
                page.press(cell, slider, "ArrowLeft" if now >= high else "ArrowRight")
                moved += 1
    return moved


def stop(server):
    """End a server, by force if it waits for a kernel that will not end."""
    server.terminate()
    try:
        server.wait(30)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def write_settings(home):
    """All cells on the page at once, also those far below; no news, no language servers."""
    disabled = {"@jupyterlab/apputils-extension:announcements": True}
    unused = {"jupyter_lsp": False, "jupyter_server_terminals": False}
    for path, settings in {
        "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {
            "windowingMode": "none"
        },
        "config/labconfig/page_config.json": {"disabledExtensions": disabled},
        "config/jupyter_server_config.json": {"ServerApp": {"jpserver_extensions": unused}},
    }.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(json.dumps(settings))


def wait_for_server(server, address, home):
    """Return when the server answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.3)
        else:
            return
    raise RuntimeError("JupyterLab did not start:\n" + (home / "jupyter.log").read_text()[-3000:])


class LabPage:
    """A page of JupyterLab with one notebook.

    Parameters
    ----------
    context : playwright.sync_api.BrowserContext
        Pages of one context share what the browser has fetched, so the second opens sooner.
    address : callable
        What `start_jupyter` gives.
    """

    def __init__(self, context, address):
        self.address = address
        self.errors = []
        self.page = context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def ask(self, script, argument=None):
        """Run JavaScript and return what its promise gives, or say what is on the page instead."""
        late = f"new Promise(end => setTimeout(() => end('no answer'), {1000 * PATIENCE}))"
        whole = f"argument => Promise.race([({script})(argument).then(r => [r]), {late}])"
        answer = self.page.evaluate(whole, argument)
        assert answer != "no answer", f"after {PATIENCE} s; dialogs: {self.read_dialogs()}"
        return answer[0]

    def read_dialogs(self):
        """Return the text of all dialogs that are open."""
        return self.page.evaluate(READ_DIALOGS) or "none"

    def open(self, name):
        """Open a notebook in a workspace of its own, where no other is open; start its kernel."""
        self.page.goto(self.address(f"lab/workspaces/{Path(name).stem}"))
        self.page.wait_for_function("() => window.jupyterapp")
        self.ask(OPEN_NOTEBOOK, name)
        self.ask(CONNECT_KERNEL)

    def run_all_cells(self):
        """Run all cells, folded ones too, and check that each ran and none failed."""
        missing = self.ask(RUN_ALL_CELLS)
        self.check_errors()
        assert not missing, missing

    def find_widgets(self):
        """Return the cells with widgets, when these are drawn."""
        cells = self.page.evaluate_handle(FIND_WIDGETS).get_properties().values()
        cells = [cell.as_element() for cell in cells]
        for cell in cells:
            cell.scroll_into_view_if_needed()
            self.page.wait_for_function(IS_DRAWN, arg=cell)
        return cells

    def press(self, cell, element, key):
        """Press a key in an element, and wait until the pictures of its cell are others."""
        before = cell.evaluate(READ_PICTURES)
        assert before, "a control without a picture"
        element.focus()
        self.page.keyboard.press(key)
        self.page.wait_for_function(HAS_CHANGED, arg=[cell, before], polling=50)
        self.page.wait_for_function(IS_IDLE, polling=50)
        self.check_errors()

    def check_errors(self):
        """Fail on errors that the page or the kernel have told so far."""
        errors = self.errors + self.page.evaluate("() => window.kernelErrors ?? []")
        assert not errors, "\n".join(errors)

    def close(self):
        """Close the page and end the kernels it started."""
        self.page.close()
        with urllib.request.urlopen(self.address("api/kernels"), timeout=PATIENCE) as answer:
            kernels = json.load(answer)
        for kernel in kernels:
            path = self.address(f"api/kernels/{kernel['id']}")
            request = urllib.request.Request(path, method="DELETE")
            urllib.request.urlopen(request, timeout=PATIENCE).close()
