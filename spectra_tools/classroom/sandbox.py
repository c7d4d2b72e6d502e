"""Where a student's notebook runs: an environment with no secrets in it, and a sandbox on Linux.

The sandbox is bubblewrap (``bwrap``), the program that keeps Flatpak's programs in: the kernel sees
Python, `spectra_helpers`, the guard and its own folder, and neither the network nor anybody's files
or processes.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import spectra_helpers

PACKAGE = Path(spectra_helpers.__file__).resolve().parent  # what notebooks import
GUARD = Path(__file__).resolve().with_name("guard.py")
GUARD_INSIDE = "/guard.py"  # at its own place the folders round it would pass for `spectra_tools`
SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/fonts",
    "/etc/ld.so.cache", "/etc/localtime",
)  # fmt: skip
KEPT = ("PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "NUMBER_OF_PROCESSORS",
        "SPECTRA_TIER")  # fmt: skip
NO_SANDBOX = (
    "notebooks run behind a guard in Python, without a sandbox. It stops what students write by "
    "mistake, but not code that calls C. For classes you do not trust: on Linux install bubblewrap "
    "(`sudo apt install bubblewrap`); elsewhere grade in a container or a virtual machine."
)


def kernel_command(work, closed):
    """Return the command line of a kernel, with jupyter's ``{connection_file}`` still in it.

    Parameters
    ----------
    work : Path
        The notebook's own folder.
    closed : sequence of Path
        Folders that the notebook may not read. In the sandbox they are not there at all.
    """
    folders = json.dumps([str(work), str(PACKAGE), *map(str, closed)])
    # -P: the folder of the guard holds tools of the grader, which notebooks do not import
    guard, around = str(GUARD), []
    if has_sandbox():
        guard, around = GUARD_INSIDE, sandbox_command(work)
    return [*around, sys.executable, "-P", guard, folders, "-f", "{connection_file}"]


def sandbox_command(work):
    """Return the part of a command line that puts what follows into the sandbox.

    `work` and its ``tmp`` are the only folders that can be written. Everything is gone from sight
    that is not named here, so no list of secrets is needed.
    """
    words = ["bwrap", "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534",
             "--cap-drop", "ALL", "--die-with-parent", "--new-session", "--proc", "/proc",
             "--dev", "/dev", "--bind", str(work / "tmp"), "/tmp"]  # fmt: skip
    python = (sys.prefix, sys.base_prefix, Path(sys.executable).parent)
    for path in dict.fromkeys([*SYSTEM, *map(str, python), str(PACKAGE)]):
        words += ["--ro-bind-try", path, path]
    words += ["--ro-bind", str(GUARD), GUARD_INSIDE]
    # in there the kernel cannot see its parent, and would take it for dead
    words += ["--unsetenv", "JPY_PARENT_PID"]
    return [*words, "--bind", str(work), str(work), "--chdir", str(work)]


@functools.cache
def has_sandbox():
    """Tell whether bubblewrap is here and allowed to work (in some containers it is not)."""
    if not shutil.which("bwrap"):
        return False
    words = ["bwrap", "--unshare-all", "--unshare-user", "--proc", "/proc", "--dev", "/dev"]
    for path in SYSTEM:
        words += ["--ro-bind-try", path, path]
    return subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0


def make_environment(work, student):
    """Return the environment variables of a kernel: those it needs, and whose notebook it is.

    Nothing else of the grader's environment goes in: no token, no home folder.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    own = {name: str(work) for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")}
    temporary = {name: str(work / "tmp") for name in ("TMPDIR", "TEMP", "TMP")}
    jupyter = {
        "IPYTHONDIR": str(work / ".ipython"), "JUPYTER_RUNTIME_DIR": str(work / ".jupyter"),
        "MPLCONFIGDIR": str(work / ".matplotlib"), "SPECTRA_DATA_FOLDER": str(work),
    }  # fmt: skip
    python = {
        "PYTHONPATH": str(PACKAGE.parent), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0", "TF_CPP_MIN_LOG_LEVEL": "3",
        "LOKY_MAX_CPU_COUNT": "1",  # scikit-learn starts no workers for n_jobs=-1
    }  # fmt: skip
    return {**kept, **own, **temporary, **jupyter, **python, "SPECTRA_STUDENT": student}


def make_work_folder(work, fonts):
    """Make what a notebook's own folder holds before it runs; `fonts` come from `list_fonts`."""
    for name in ("tmp", ".ipython", ".jupyter", ".matplotlib"):
        (work / name).mkdir()
    for path in fonts:
        shutil.copy(path, work / ".matplotlib")


def list_fonts():
    """Return Matplotlib's lists of fonts: without one, each notebook would search the disk."""
    import matplotlib

    return [str(path) for path in Path(matplotlib.get_cachedir()).glob("fontlist-*.json")]
