"""What a submitted notebook may take, and the watch that ends one which takes more."""

import shutil
import threading
import time
from dataclasses import dataclass

import psutil

STARTUP = 120  # seconds that a kernel may take to start, on a busy computer
MOST_PROCESSES = 50  # more than this of one notebook is a fork bomb
ROOM = 200_000_000  # bytes of disk that a notebook may need: lists of fonts, sets of spectra


@dataclass(frozen=True)
class Limits:
    """What a notebook may take: seconds for all of it and for one cell, memory in GB."""

    seconds: float = 300
    cell_seconds: float = 100
    memory: float = 3


def require_room(folder):
    """Check that a disk is not full: code that cannot write a file would lose marks for it."""
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise OSError(
            f"Only {free / 1e6:.1f} MB are free where {folder} is, and a notebook may need "
            f"{ROOM / 1e6:.0f} MB: make room there. Temporary files go where TMPDIR says."
        )


class Watch(threading.Thread):
    """Ends a kernel that takes too long, too much memory or too many processes.

    What this process held and had started before is no part of the notebook.
    """

    def __init__(self, limits):
        super().__init__(daemon=True)
        self.limits, self.reason = limits, None
        self.end, self.stopped = float("inf"), threading.Event()
        self.own = psutil.Process()
        self.held, self.others = count_bytes(self.own), set(self.own.children(recursive=True))

    def begin(self, **_):
        """Start the clock: the kernel is ready."""
        self.end = time.monotonic() + self.limits.seconds

    def run(self):
        """Look five times a second: a loop can fill about half a GB of memory in between."""
        while not self.stopped.wait(0.2):
            children = self.own.children(recursive=True)
            kernel = [process for process in children if process not in self.others]
            self.reason = self.find_reason(kernel)
            if self.reason:
                kill(kernel)
                return

    def find_reason(self, kernel):
        """Return (name, sentence) of the limit that is passed, or None."""
        if time.monotonic() > self.end:
            return "TimeLimit", f"The notebook ran longer than {self.limits.seconds:g} seconds."
        if len(kernel) > MOST_PROCESSES:
            return "ProcessLimit", f"The notebook started more than {MOST_PROCESSES} processes."
        taken = max(0, count_bytes(self.own) - self.held)  # outputs come to this process
        if taken + sum(map(count_bytes, kernel)) > self.limits.memory * 1e9:
            return (
                "MemoryLimit",
                f"The notebook took more than {self.limits.memory:g} GB of memory.",
            )
        return None


def count_bytes(process):
    """Return the memory of a process; 0 if it has ended."""
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def kill(processes):
    """Kill processes, the parents first, so that nothing is started again."""
    for process in processes:
        try:
            process.kill()
        except psutil.Error:
            continue
