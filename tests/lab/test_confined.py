"""Programs on what strangers wrote have limits."""

import sys
import time

import pytest

from nnbook.lab import confined
from nnbook.lab.confined import LimitError, Limits

SMALL = Limits(seconds=1, memory=2**28, written=2**16)


def python(code: str, limits: Limits = SMALL, given: bytes = b"") -> confined.Done:
    return confined.run([sys.executable, "-I", "-S", "-c", code], limits, given)


def test_a_program_reads_what_it_is_given_and_its_output_comes_back() -> None:
    done = python("import sys; print(sys.stdin.read()); sys.exit(3)", given=b"words")
    assert (done.status, done.output) == (3, b"words\n")


def test_a_program_that_does_not_end_is_ended() -> None:
    begin = time.monotonic()
    with pytest.raises(LimitError, match=r"more time than it may have \(1 s\)") as caught:
        python("print('begun', flush=True)\nwhile True: pass")
    assert (caught.value.what, caught.value.output) == ("time", b"begun\n")
    assert time.monotonic() - begin < 10


def test_a_program_that_waits_is_ended_with_what_it_started() -> None:
    begin = time.monotonic()
    with pytest.raises(LimitError, match="more time"):
        python("import os, time; os.fork(); time.sleep(60)")
    assert time.monotonic() - begin < 10


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
def test_no_more_memory_is_given(capfd: pytest.CaptureFixture[str]) -> None:
    if sys.platform == "darwin":
        pytest.skip("macOS does not limit memory")
    with pytest.raises(LimitError, match=r"more memory than it may have \(0\.25 GiB\)"):
        python("bytearray(2**30)")


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
def test_no_larger_file_is_written() -> None:
    done = python("import os; [os.write(1, b'x' * 2**15) for _ in range(9)]")
    assert len(done.output) == 2**16
    assert b"File too large" in done.errors


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lets users do so")
def test_there_is_no_network() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        connect = (
            f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))"
        )
        with_network = Limits(1, 2**28, 2**16, network=True)
        assert python(connect, with_network).status == 0
        done = python(connect)
    if done.status == 0:
        pytest.skip("this kernel lets users make no name spaces")
    assert b"Network is unreachable" in done.errors
