"""Python imports this at the start of each process that a page starts; it is no part of a package.

What the process reads is a dependency of the page, too.
"""

import os

if "NNBOOK_DEPENDENCIES" in os.environ:
    from nnbook.publishing.recorder import Recorder

    Recorder().start()
