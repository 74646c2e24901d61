"""The first cell of a notebook: it installs what is missing and gets what the page looks up."""

from __future__ import annotations

_INSTALL = """\
# Run this first: it installs the book's package, if it is missing{more}.
try:
    import nnbook
except ImportError:
    %pip install --quiet "{package}\""""

_RECORDS = """

from nnbook import get_records

get_records(
    "{name}",  # beside this notebook, or else from here:
    "{address}",
    sha256="{sha256}",
)"""


def first_cell(package: str, extra: str, records: str, address: str, sha256: str) -> str:
    """Return the code of the first cell.

    Parameters
    ----------
    package : str
        The address of the package's sources, or the name under which pip finds it.
    extra : str
        What else of the package is to be installed, or nothing.
    records : str
        The name of the archive of records, or nothing if the page needs none.
    address : str
        Where that archive is, or nothing if it is published nowhere.
    sha256 : str
        The digest of the archive.
    """
    name = f"nnbook[{extra}]" if extra else "nnbook"
    wanted = f"{name} @ {package}" if "://" in package else name
    more = ",\n# and gets the recorded runs that this page looks up" if records else ""
    install = _INSTALL.format(more=more, package=wanted)
    if not records:
        return install
    return install + _RECORDS.format(name=records, address=address, sha256=sha256)
