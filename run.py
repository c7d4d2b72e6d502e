#!/usr/bin/env python3
"""Set up the lessons and run them, with the same words on Linux, macOS and Windows.

    python3 run.py [OPTIONS]                     open JupyterLab at lesson 01
    python3 run.py test [OPTIONS]                run all tests; options go to pytest
    python3 run.py lessons [NUMBERS] [--save]    run the lessons without a browser and print the
                                                 final table; --save keeps the outputs and the
                                                 measured times in notebooks/
    python3 run.py book                          make pages of the lessons, to read in a browser

It needs Python 3.11, 3.12 or 3.13 and nothing else. The first run makes the folder .venv and
installs the packages of requirements.txt into it; later runs start at once. It installs with uv;
with SPECTRA_SETUP=pip in the environment it takes pip, which is slower.
"""

# Older Pythons must be able to read this file, so that it can say what is missing.
import ast
import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
FIRST_LESSON = "notebooks/01_explore_and_preview.ipynb"
MODULES = {
    "lessons": "spectra_tools.series.run",
    "book": "spectra_tools.series.book",
}
OLDEST, NEWEST = (3, 11), (3, 13)  # TensorFlow has wheels for these
# The settings of pip that uv can follow, and its names for them. Constraints are left out: every
# version is pinned, and beside hashes uv takes no constraint but "==".
SETTINGS_OF_UV = {
    "index-url": ["UV_DEFAULT_INDEX"],
    "extra-index-url": ["UV_INDEX"],
    "find-links": ["UV_FIND_LINKS"],
    "no-index": ["UV_NO_INDEX"],
    "no-cache-dir": ["UV_NO_CACHE"],
    "trusted-host": ["UV_INSECURE_HOST"],
    "timeout": ["UV_HTTP_TIMEOUT"],
    "default-timeout": ["UV_HTTP_TIMEOUT"],  # pip has two names for it
    "proxy": ["HTTP_PROXY", "HTTPS_PROXY"],
    "cert": ["SSL_CERT_FILE"],
    "client-cert": ["SSL_CLIENT_CERT"],
}
PINNED = ["--require-hashes", "-r", "requirements.txt"]
ITSELF = ["--no-deps", "--no-build-isolation", "-e", "."]
SLOW = "this takes about 3 minutes."
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
HELP = "Usage: python3 run.py [test | lessons | book] [options]   (no word: open JupyterLab)"
HOW_TO_GET_PYTHON = {
    "win32": "winget install Python.Python.3.13    and then    py -3.13 run.py",
    "darwin": "brew install python@3.13    and then    python3.13 run.py",
    "linux": "sudo apt install python3.13-venv    and then    python3.13 run.py",
}


def check_python(version, system):
    """Return what to do when this Python is too old or too new for TensorFlow, else None."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    extreme = "old" if tuple(version[:2]) < OLDEST else "new"
    return (
        f"This is Python {version[0]}.{version[1]}, too {extreme} for TensorFlow. "
        "The lessons need Python 3.11, 3.12 or 3.13.\n"
        f"Install one:  {HOW_TO_GET_PYTHON.get(system, HOW_TO_GET_PYTHON['linux'])}\n"
        "or use conda:  conda env create -f environment.yml"
    )


def find_venv_python(venv, system):
    """Return where the Python of a virtual environment is on this system."""
    return venv / "Scripts" / "python.exe" if system == "win32" else venv / "bin" / "python"


def make_stamp(root, version):
    """Return two lines that describe a finished set-up.

    The first line names the Python and the folder: when it changes, .venv is made anew.
    The second is the SHA-256 of what is installed: when it changes, .venv is brought up to date.
    """
    digest = hashlib.sha256()
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((root / name).read_bytes().replace(b"\r\n", b"\n"))
    return f"Python {version[0]}.{version[1]} in {root}\n{digest.hexdigest()}\n"


def add_venv_module(version, is_root, apt_get):
    """Install the part of Python that Debian and Ubuntu put into a package of its own."""
    package = f"python{version[0]}.{version[1]}-venv"
    if not apt_get:
        raise SystemExit("This Python lacks the modules venv and ensurepip. Install them first.")
    if not is_root:
        raise SystemExit(f"This Python lacks venv. Type:  sudo apt install {package}")
    print(f"This Python lacks venv: installing {package} ...", flush=True)
    subprocess.call([apt_get, "update", "-qq"])
    command = [apt_get, "install", "-y", "-qq", "--no-install-recommends", package]
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    if subprocess.call(command, env=quiet, stdout=subprocess.DEVNULL):
        raise SystemExit(f"apt-get could not install {package}: see its message above.")
    importlib.invalidate_caches()


def make_environment(environ, venv_bin):
    """Return the environment variables that pip, JupyterLab, pytest and the lessons run with."""
    environment = dict(environ)
    for name in ("PYTHONPATH", "PYTHONHOME", "PIP_USER"):  # each would mix in packages from outside
        environment.pop(name, None)
    environment["PATH"] = str(venv_bin) + os.pathsep + environ.get("PATH", "")  # finds `spectra`
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # lessons run in notebooks/, the user does not
    for name in ("SPECTRA_DATA", "SPECTRA_REAL", "SPECTRA_DATA_FOLDER"):
        if environment.get(name):
            several = name == "SPECTRA_DATA"  # files; the others name one folder
            paths = environment[name].split(os.pathsep) if several else [environment[name]]
            environment[name] = os.pathsep.join(os.path.abspath(path) for path in paths)
    return environment


def make_venv(venv):
    """Make the folder .venv anew."""
    # the base Python, because .venv may be active, and it is about to be cleared
    base = getattr(sys, "_base_executable", sys.executable)
    if subprocess.call([base, "-m", "venv", "--clear", str(venv)]):
        raise SystemExit("The folder .venv could not be made: see above.")


def read_pin(requirements, name):
    """Return the entry of a package in the text of requirements.txt: its version and hashes."""
    return re.search(rf"^{name}==(?:.*\\\n)*.*", requirements, flags=re.MULTILINE)[0] + "\n"


def make_uv_environment(listing, environ):
    """Return the environment in which uv does what pip is configured to do.

    ``listing`` is what ``pip config list`` prints. The user's own settings of uv are dropped, but
    for the places of its files: they are meant for other projects.
    """
    settings = {}
    for section in ("global.", "install.", ":env:."):  # each overrides those before it
        for line in filter(lambda line: line.startswith(section), listing.splitlines()):
            option, _, value = line[len(section) :].partition("=")
            settings[option] = ast.literal_eval(value)
    kept = ("UV_CACHE_DIR", "UV_LINK_MODE")
    made = {name: value for name, value in environ.items() if name[:3] != "UV_" or name in kept}
    made["UV_SYSTEM_CERTS"] = "1"  # a network that looks into https has its certificate there
    for option, names in SETTINGS_OF_UV.items():
        value = " ".join(settings.get(option, "").split())
        if option == "find-links":  # pip passes over a folder that is not there, uv would stop
            places = [os.path.expanduser(re.sub("^file://", "", one)) for one in value.split()]
            value = ",".join(one for one in places if "://" in one or os.path.exists(one))
        made.update({name: value for name in names if value})
    if settings.get("cache-dir"):  # a folder of its own, because `uv cache clean` empties it
        made.setdefault("UV_CACHE_DIR", os.path.join(settings["cache-dir"], "uv"))
    return made


def install_with_uv(pip, root, environment):
    """Fetch uv with pip and install the pinned packages with it; return what stopped it, or ""."""
    pin = read_pin((root / "requirements.txt").read_text(encoding="utf-8"), "uv")
    (root / ".venv" / "uv.txt").write_text(pin, encoding="utf-8")
    # never from source: compiling uv takes longer than pip takes for everything
    fetch = [*pip, "install", "--require-hashes", "--only-binary", "uv", "-r", ".venv/uv.txt"]
    problem = follow(fetch, root, environment, subprocess.STDOUT)
    if problem:
        return problem
    listing = subprocess.check_output([*pip, "config", "list"], env=environment, text=True)
    settings = make_uv_environment(listing, environment)
    # --no-config: a uv.toml in a folder above is meant for other projects
    uv = [pip[0], "-m", "uv", "--color", "never", "--no-config", "pip", "install"]
    uv += ["--python", pip[0], "--index-strategy", "unsafe-best-match"]  # chooses as pip does
    # --reinstall: else uv may take what it built of this folder another day
    for options in (["--compile-bytecode", *PINNED], ["--reinstall", *ITSELF]):
        problem = problem or follow([*uv, *options], root, settings, subprocess.STDOUT)
    if problem:
        make_venv(root / ".venv")  # packages may lie there half unpacked
    return problem


def install_packages(python, root, environment):
    """Install the pinned packages, then this project itself, with uv or else with pip.

    Byte-compiling (``--compile``) moves work from every lesson to the set-up: without the compiled
    files, importing TensorFlow takes 20 s instead of 5 s, in each kernel.
    """
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    if environment.get("SPECTRA_SETUP") != "pip":
        problem = install_with_uv(pip, root, environment)
        if not problem:
            return
        said = f"uv could not install the packages ({problem}); pip goes on: {SLOW}"
        print("\n" + said, flush=True)
    for options in (PINNED, ITSELF):
        if follow([*pip, "install", "--compile", *options], root, environment):
            raise SystemExit("The installation stopped: see above. The same command starts anew.")


def follow(command, root, environment, errors=None):
    """Run an installer and say what it is at; return its last error, or "" when all went well."""
    places = {"cwd": str(root), "env": environment, "stdout": subprocess.PIPE, "stderr": errors}
    lines = ["it gave no reason"]
    with subprocess.Popen(command, **places, encoding="utf-8", errors="replace") as process:
        for line in process.stdout:
            show_progress(line)
            lines += [line.strip()] if line.strip() else []
    problems = [line.partition(": ")[2] for line in lines if line.lower().startswith("error: ")]
    return (problems or lines)[-1][:120] if process.returncode else ""


def show_progress(line):
    """Say in a few words what pip or uv is at."""
    words = line.split()
    if line.startswith(("Collecting ", "Downloading ")) and sys.stdout.isatty():
        print(f"\r  fetching {words[1][:50]:<50}", end="", flush=True)
    elif words[:2] == ["Installing", "collected"] and len(words) > 4:  # pip; not uv alone
        print(f"\r  unpacking and compiling {len(words) - 3} packages {'':<20}", flush=True)
    elif line.startswith("Installed ") and words[2] == "packages":  # uv, which compiles last
        print(f"\r  compiling {words[1]} packages {'':<34}", flush=True)


def set_up(root):
    """Make or update .venv where needed and return its Python; a finished one is used as it is."""
    venv = root / ".venv"
    python = find_venv_python(venv, sys.platform)
    stamp, stamp_file = make_stamp(root, sys.version_info), venv / "set-up-finished.txt"
    old = stamp_file.read_text(encoding="utf-8") if stamp_file.exists() and python.exists() else ""
    if old == stamp:
        return python
    if old.splitlines()[:1] == stamp.splitlines()[:1]:
        print("The list of packages has changed: bringing .venv up to date.", flush=True)
        stamp_file.unlink()  # written again at the end: an interrupted set-up is redone
    else:
        print("Setting up .venv: this takes a minute or two the first time.", flush=True)
        if importlib.util.find_spec("ensurepip") is None:
            add_venv_module(sys.version_info, IS_ROOT, shutil.which("apt-get"))
        make_venv(venv)
    install_packages(python, root, make_environment(os.environ, python.parent))
    stamp_file.write_text(stamp, encoding="utf-8")
    print("Set-up finished.", flush=True)
    return python


def has_screen(system, environ):
    """Tell whether a browser can open here."""
    return system != "linux" or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def build_command(word, options, python, root_user=False, screen=True):
    """Return the command line that does the task ``word`` ("lab", "test", "lessons" or "book")."""
    if word == "test":
        return [str(python), "-m", "pytest", "-n", "3", *options]
    if word in MODULES:
        return [str(python), "-m", MODULES[word], *options]
    command = [str(python), "-m", "jupyterlab", f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}"]
    return command + ["--allow-root"] * root_user + ["--no-browser"] * (not screen) + options


def read_arguments(arguments):
    """Return (word, options); the word is None when it is unknown."""
    first = arguments[0] if arguments else ""
    if first in ("-h", "--help", "test", *MODULES):
        return first.replace("--help", "-h"), arguments[1:]
    return (None if first[:1] not in ("", "-") else "lab"), arguments


def wait_for(command, environment):
    """Run a command and return its exit code; Ctrl-C and a request to end are passed on to it."""
    process = subprocess.Popen(command, cwd=str(ROOT), env=environment)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while process.poll() is None:
        with contextlib.suppress(KeyboardInterrupt):
            process.wait()
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def main(arguments):
    """Do what the command line asks and return the exit code."""
    word, options = read_arguments(arguments)
    if word in (None, "-h"):
        print(__doc__ if word else HELP, file=sys.stdout if word else sys.stderr)
        return 0 if word else 2
    problem = check_python(sys.version_info, sys.platform)
    if problem:
        raise SystemExit(problem)
    try:
        python = set_up(ROOT)
    except KeyboardInterrupt:
        raise SystemExit("\nSet-up interrupted. The same command starts it again.") from None
    screen = has_screen(sys.platform, os.environ)
    if word == "lab" and not screen:
        print("No screen here: open the address that JupyterLab prints in a browser.", flush=True)
    command = build_command(word, options, python, IS_ROOT, screen)
    return wait_for(command, make_environment(os.environ, python.parent))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
