"""Sets limits for this process and becomes another program, which keeps them.

Started by `nnbook.lab.confined` as a file of its own, without any of the packages that Python has.
Its arguments are seconds, bytes of memory, bytes of a file, 1 for a network, and the program.
"""

import contextlib
import ctypes
import os
import resource
import sys
from pathlib import Path

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # of Linux, see unshare(2)


def limit(what: int, most: int) -> None:
    """Lower a limit: for good, but where it is lower already."""
    _, highest = resource.getrlimit(what)
    if highest != resource.RLIM_INFINITY:
        most = min(most, highest)
    with contextlib.suppress(ValueError, OSError):  # macOS does not limit memory
        resource.setrlimit(what, (most, most))


def leave_network() -> None:
    """Go where there is no network, if the system lets users do so."""
    if not sys.platform.startswith("linux"):
        return
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER | _NEW_NETWORK):
        return
    with contextlib.suppress(OSError):  # to be called there what it is called here
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            Path("/proc/self", name).write_text(text, encoding="ascii")


def main() -> None:
    """Do what the module's docstring says."""
    seconds, memory, written, network = map(int, sys.argv[1:5])
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, written)
    limit(resource.RLIMIT_AS, memory)
    # The signal of the soft limit says that it was the time.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    if not network:
        leave_network()
    os.execv(sys.argv[5], sys.argv[5:])


if __name__ == "__main__":
    main()
