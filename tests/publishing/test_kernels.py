"""Kernels forked from a warm process are kernels of their own, and end when they should."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import nbformat
import psutil
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from nnbook.experiments.progress import _in_notebook
from nnbook.publishing import kernels
from nnbook.publishing.kernels import PRELOADED, KernelError, KernelServer

pytestmark = pytest.mark.skipif(not kernels.FORKS, reason="kernels are forked on Linux only")


@pytest.fixture(scope="module")
def server():
    with KernelServer(dict(os.environ)) as server:
        yield server


def execute(server, folder, code, timeout=60, **environment):
    """Execute one cell in a kernel of its own; return what it printed."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client = NotebookClient(
        notebook,
        server.manager("python3"),
        timeout=timeout,
        resources={"metadata": {"path": str(folder)}},
        shutdown_kernel="immediate",
    )
    scratch = {"IPYTHONDIR": str(folder), **environment}
    client.execute(env={**os.environ, **scratch}, cleanup_kc=True)
    return "".join(output.text for output in notebook.cells[0].outputs)


def gone(process, seconds=10):
    """Say whether a process ends in time."""
    try:
        psutil.Process(process).wait(seconds)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def test_what_is_imported_for_all_kernels_makes_no_remarks(tmp_path, capfd):
    with KernelServer({**os.environ, "PYTHONWARNINGS": "default"}) as server:
        assert execute(server, tmp_path, "print(1)") == "1\n"
    remarks = capfd.readouterr().err.splitlines()
    assert [line for line in remarks if "IPKernelApp" not in line] == []


def test_a_kernel_has_the_libraries_and_nothing_of_the_package(server, tmp_path):
    code = """
        import json, os, sys
        own = [name for name in sys.modules if name.split(".")[0] == "nnbook"]
        print(json.dumps([sorted(sys.modules), own, os.getcwd(), os.environ["GREETING"]]))
    """
    modules, own, folder, greeting = json.loads(
        execute(server, tmp_path, textwrap.dedent(code), GREETING="hello")
    )
    assert set(PRELOADED) <= set(modules)
    assert set(own) <= {"nnbook", "nnbook.errors", "nnbook.publishing"}
    assert folder == str(tmp_path)
    assert greeting == "hello"


def test_kernels_seldom_look_for_garbage_and_not_in_what_they_share(server, tmp_path):
    code = "import gc; print(gc.get_threshold()[0] > 10_000, gc.get_freeze_count() > 100_000)"
    assert execute(server, tmp_path, code) == "True True\n"


@pytest.mark.parametrize(
    "command",
    [
        ["python", "-m", "ipykernel", "-f", "{connection_file}"],
        [
            "python",
            "-Xfrozen_modules=off",
            "-m",
            "ipykernel_launcher",
            "--debug",
            "--f={connection_file}",
        ],
        ["sh", "-c", f"exec '{sys.executable}' -m ipykernel_launcher -f {{connection_file}}"],
    ],
    ids=["module", "options", "shell"],
)
def test_a_specification_may_start_python_in_other_ways(server, tmp_path, monkeypatch, command):
    folder = tmp_path / "kernels" / "python3"
    folder.mkdir(parents=True)
    specification = {"argv": command, "display_name": "Mine", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(specification))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert server.manager("python3").kernel_spec.display_name == "Mine"
    assert execute(server, tmp_path, "print(6 * 7)") == "42\n"


def test_kernels_do_not_see_each_other(server, tmp_path):
    change = "import numpy, os; numpy.answer = 42; numpy.random.seed(1); print(os.getpid())"
    first = execute(server, tmp_path, change)
    assert execute(server, tmp_path, "import numpy; print(hasattr(numpy, 'answer'))") == "False\n"
    assert gone(int(first))


def test_a_kernel_can_run_programs(server, tmp_path):
    code = "import subprocess; print(subprocess.run(['sh', '-c', 'exit 3']).returncode)"
    assert execute(server, tmp_path, code) == "3\n"


def test_a_cell_that_takes_too_long_is_killed_with_its_kernel(server, tmp_path):
    code = "import os; open('pid', 'w').write(str(os.getpid()))\nwhile True: pass"
    with pytest.raises(CellTimeoutError):
        execute(server, tmp_path, code, timeout=2)
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_kernel_that_dies_is_noticed(server, tmp_path):
    with pytest.raises(DeadKernelError):
        execute(server, tmp_path, "import os; os._exit(1)")
    assert execute(server, tmp_path, "print(1)") == "1\n"


def test_nothing_outlives_a_builder_that_is_killed(tmp_path):
    builder = tmp_path / "builder.py"
    builder.write_text(
        "import os, sys\n"
        "from tests.publishing.test_kernels import KernelServer, execute\n"
        'code = "import os, time; print(os.getppid(), os.getpid(),"\n'
        "code += \" file=open('pids', 'w'), flush=True); time.sleep(600)\"\n"
        "with KernelServer(dict(os.environ)) as server:\n"
        f"    execute(server, {str(tmp_path)!r}, code, timeout=600)\n"
    )
    process = subprocess.Popen([sys.executable, builder], env={**os.environ, "PYTHONPATH": "."})
    pids = tmp_path / "pids"
    deadline = time.monotonic() + 60
    while not (pids.exists() and pids.read_text().endswith("\n")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert all(gone(int(pid)) for pid in pids.read_text().split())


def test_a_server_that_has_ended_is_named(tmp_path):
    with KernelServer({**os.environ, "PYTHONPATH": str(tmp_path)}) as server:
        server._process.kill()
        server._process.wait()
        with pytest.raises(KernelError, match="has ended"):
            execute(server, tmp_path, "print(1)")


def test_a_kernel_knows_that_it_is_one_and_its_builder_that_it_is_none(server, tmp_path):
    code = "from nnbook.experiments.progress import _in_notebook; print(_in_notebook())"
    assert execute(server, tmp_path, code) == "True\n"
    assert "ipykernel" in sys.modules
    assert not _in_notebook()


def test_where_forking_is_not_safe_kernels_start_in_the_usual_way(monkeypatch, tmp_path):
    monkeypatch.setattr(kernels, "FORKS", False)
    with KernelServer(dict(os.environ)) as server:
        code = "import os, sys; print(os.getppid(), 'pandas' in sys.modules)"
        assert execute(server, tmp_path, code) == f"{os.getpid()} False\n"
