"""Start a student's kernel behind a guard: no network, no programs, files in its own folder alone.

    python -m spectra_tools.classroom.guard '["WORK", "CLOSED", ...]' -f CONNECTION

The guard is an audit hook (PEP 578): Python code cannot take it off again, on any system. It stops
what students write; code that calls C through `ctypes` gets past it. On Linux the kernel therefore
runs in a sandbox as well (`spectra_tools.classroom.sandbox`).
"""

import json
import os
import site
import sys
import sysconfig

NETWORK = {
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
    "socket.sendto", "socket.sendmsg", "urllib.Request",
}  # fmt: skip
PROGRAMS = {
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile",
    "os.fork", "os.forkpty", "pty.spawn",
}  # fmt: skip
LISTS = {"os.listdir", "os.scandir", "sqlite3.connect"}
CHANGES = {
    "os.remove", "os.rmdir", "os.rename", "os.mkdir", "os.chmod", "os.chown", "os.link",
    "os.symlink", "os.truncate", "os.utime",
}  # fmt: skip
LOCAL = {"localhost", "127.0.0.1", "::1", None, ""}
LARGEST_FILE = 1 << 30  # bytes that one file may have: a full disk would stop the grading


def make_guard(work, closed, python=()):
    """Return the audit hook that keeps a process to its own folder.

    Parameters
    ----------
    work : str
        The only folder whose files may be written, removed or renamed.
    closed : sequence of str
        Folders that may not even be read: gradebook, sources, other students' work.
    python : sequence of str
        Folders of Python, which stay open though they lie in a closed one (a course's ``.venv``).
    """
    work, closed = _resolve(work), frozenset(map(_resolve, closed))
    ruled = (work, *closed, *map(_resolve, python))
    network, programs, lists, changes = map(frozenset, (NETWORK, PROGRAMS, LISTS, CHANGES))
    windows, own = sys.platform == "win32", (os.getpid(), 0)
    free = {_resolve(os.devnull)}

    def refuse_closed(path):
        if isinstance(path, (str, bytes, os.PathLike)):
            place = _resolve(path)
            around = [folder for folder in ruled if _is_in(place, folder)]
            if around and max(around, key=len) in closed:  # the innermost folder decides
                raise PermissionError(f"{os.fsdecode(path)} is closed while notebooks are graded")

    def refuse_outside(path):
        if isinstance(path, (str, bytes, os.PathLike)):
            place = _resolve(path)
            if not _is_in(place, work) and place not in free:
                raise PermissionError(
                    f"{os.fsdecode(path)} may not be changed while notebooks are graded"
                )

    def guard(event, arguments):
        if event == "open":
            path, _mode, flags = arguments
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            (refuse_outside if writes else refuse_closed)(path)
        elif event in network:
            address = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
            host = address[0] if isinstance(address, tuple) else address
            # Python on Windows joins the two ends of its own pipes over this address
            if not (windows and host in LOCAL):
                raise PermissionError("the network is closed while notebooks are graded")
        elif event in programs:
            raise PermissionError("no other program may be started while notebooks are graded")
        elif event in lists:
            refuse_closed(arguments[0])
        elif event in changes:
            for path in arguments[: 2 if event in ("os.rename", "os.link") else 1]:
                refuse_outside(path)
        elif event in ("os.kill", "os.killpg") and arguments[0] not in own:
            raise PermissionError("no other process may be stopped while notebooks are graded")

    return guard


def _resolve(path):
    return os.path.normcase(os.path.realpath(os.fsdecode(path)))


def _is_in(path, folder):
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def list_python(package):
    """Return the folders that Python imports from; `package` is that of the lessons."""
    kinds = ("stdlib", "platstdlib", "purelib", "platlib")
    own = [sys.prefix, sys.base_prefix, package, *map(sysconfig.get_path, kinds)]
    return [*own, site.getusersitepackages()]


def limit_resources():
    """Limit the size of a file and forbid core dumps, where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))


def main():
    """Put the guard up and become the kernel."""
    work, package, *closed = json.loads(sys.argv.pop(1))
    from ipykernel.kernelapp import launch_new_instance

    limit_resources()
    sys.addaudithook(make_guard(work, closed, list_python(package)))
    launch_new_instance()


if __name__ == "__main__":
    main()
