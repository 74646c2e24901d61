"""`nnbook` as a process of its own whose runs take a moment and need no Keras.

What is tested with it is how processes share and record runs: python -m tests.experiments.command
"""

import sys
from typing import Any

from nnbook import cli
from nnbook.experiments import session
from tests.experiments.outcomes import slow

train_all = session.train_all


def train_slowly(*arguments: Any, **options: Any) -> Any:
    """Train with `slow`, whatever else the command asks for."""
    return train_all(*arguments, **{**options, "train": slow})


if __name__ == "__main__":
    session.train_all = train_slowly
    sys.exit(cli.main())
