"""`nnbook` as a process of its own whose runs take a moment and need no Keras.

What is tested with it is how processes share and record runs: python -m tests.experiments.command
"""

import sys
from functools import partial

from nnbook import cli
from nnbook.experiments import session
from tests.experiments.outcomes import slow

if __name__ == "__main__":
    session.train_all = partial(session.train_all, train=slow)
    sys.exit(cli.main())
