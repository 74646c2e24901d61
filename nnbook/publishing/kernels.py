"""Kernels for the pages, forked from one process that has imported the large libraries.

A page mostly waits for what every page waits for: Python, ipykernel, Matplotlib and pandas. Here
that is done once for all of them, in a process without threads, which then forks a kernel when
asked. Of this package's own modules it imports only `nnbook.errors`, so that the kernels still
tell which of them a page used. Where forking is not safe (macOS, Windows), kernels start in
Jupyter's own way.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
from threading import Lock
from typing import TYPE_CHECKING, Any

from nnbook.errors import NNBookError

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

FORKS = sys.platform == "linux"
"""Whether kernels are forked, and not started in Jupyter's own way."""

PRELOADED = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "myst_nb.ext.glue",
    "pandas",
    "psutil",
    "pydantic.main",
    "pydantic.types",
    "scipy.optimize",
    "scipy.special",
    "scipy.stats",
    "sympy",
    "tomllib",
    "tornado.platform.asyncio",
)
"""What kernels import as they start, and the libraries that many pages import.

Matplotlib's inline backend must see its own kernel."""


class KernelError(NNBookError):
    """No kernel could be started."""


class KernelServer:
    """A process that forks kernels, for use in a ``with`` statement.

    Parameters
    ----------
    environment : dict of str to str
        The environment in which the libraries are imported.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None
        self._one_request = Lock()

    def __enter__(self) -> KernelServer:
        """Start the process, where forking is safe."""
        if FORKS:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__],
                # Without it the debugger that ipykernel imports makes a remark.
                env={**self._environment, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self

    def __exit__(self, *error: object) -> None:
        """End the process; kernels that still run end with it."""
        if self._process is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.communicate()  # the end of its input is the end of it

    def manager(self, name: str) -> AsyncKernelManager:
        """Return the manager of a new kernel, not yet started.

        Parameters
        ----------
        name : str
            Of the kernel's specification, such as ``"python3"``.
        """
        from jupyter_client.manager import AsyncKernelManager

        manager = AsyncKernelManager(kernel_name=name)
        if self._process is not None:
            manager.provisioner = _provisioner(self, manager)
        return manager

    def fork(self, arguments: list[str], environment: dict[str, str], folder: str) -> int:
        """Fork a kernel and return its process number.

        Parameters
        ----------
        arguments : list of str
            Those of the kernel itself: see `arguments_of`.
        environment : dict of str to str
            The kernel's environment.
        folder : str
            The kernel's working directory.

        Raises
        ------
        KernelError
            If the server has ended.
        """
        assert self._process is not None and self._process.stdin and self._process.stdout
        request = json.dumps([arguments, environment, folder])
        try:
            with self._one_request:
                print(request, file=self._process.stdin, flush=True)
                return int(self._process.stdout.readline())
        except (OSError, ValueError) as error:
            raise KernelError(
                "The process that forks the pages' kernels has ended. What it wrote says why."
            ) from error


def arguments_of(command: list[str]) -> list[str] | None:
    """Return what a command hands to ipykernel, or None if it starts a kernel in another way.

    Examples
    --------
    >>> arguments_of(["python", "-Xfrozen_modules=off", "-m", "ipykernel", "-f", "file"])
    ['-f', 'file']
    >>> arguments_of(["xpython", "-f", "file"])
    """
    for place, module in enumerate(command):
        if module in {"ipykernel", "ipykernel_launcher"} and command[place - 1 : place] == ["-m"]:
            return command[place + 1 :]
    return None


def _provisioner(server: KernelServer, manager: AsyncKernelManager) -> Any:
    """Return what launches the kernel of a manager: as Jupyter does, but by a fork."""
    import psutil
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

    class Kernel(psutil.Process):
        """A forked kernel with the interface of `subprocess.Popen`."""

        stdin = stdout = stderr = None

        def poll(self) -> int | None:
            return None if self.is_running() else 0

    class Provisioner(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
            arguments = arguments_of(cmd)
            if arguments is None:
                return await super().launch_kernel(cmd, **options)
            self.pid = self.pgid = server.fork(arguments, options["env"], options["cwd"])
            self.process = Kernel(self.pid)  # type: ignore[assignment]
            return self.connection_info

    kernel_id, specification = manager.kernel_id, manager.kernel_spec
    return Provisioner(kernel_id=kernel_id, kernel_spec=specification, parent=manager)


def _serve() -> None:
    """Fork a kernel for each line of the standard input, and answer with its process number."""
    for library in PRELOADED:
        importlib.import_module(library)
    gc.freeze()  # the kernels need not go through what they all share
    gc.set_threshold(200_000, 30, 30)  # nor time and again through figures, which are large trees
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the kernels
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the builder, and that ends this
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            return _become_kernel(*json.loads(line))
        print(process, flush=True)
    return None


def _become_kernel(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    from ipykernel.kernelapp import IPKernelApp

    server = os.getppid()
    os.setsid()  # a group of its own, as Jupyter kills groups
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with open(os.devnull) as nothing:  # noqa: PTH123 - a device
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    IPKernelApp.launch_instance([*arguments, f"--IPKernelApp.parent_handle={server}"])


if __name__ == "__main__":
    _serve()
