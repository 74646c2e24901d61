"""Writes the attachments of a PDF that have a name: a program of its own, as PDFs are strangers'.

`nnbook.lab.manifest` starts it with limits, gives it the PDF on stdin and the name as its argument.
On stdout is a line with the length of each attachment, then ``contents`` and what they hold.
"""

import io
import logging
import sys

from pypdf import PdfReader


def main() -> None:
    """Do what the module's docstring says."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
    found = [bytes(item) for item in reader.attachments.get(sys.argv[1], ())]
    lines = "".join(f"{len(content)}\n" for content in found)
    sys.stdout.buffer.write(lines.encode() + b"contents\n" + b"".join(found))


if __name__ == "__main__":
    main()
