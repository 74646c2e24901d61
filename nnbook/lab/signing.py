"""Signatures of runs that were made on the course's own machine, with a key that only it has.

A signature (HMAC with SHA-256) says: this result came out of a training on a machine with the key.
Records that were there before are not signed, as nobody saw them made.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nnbook.errors import LabError
from nnbook.lab import files
from nnbook.schema import canonical_json, read_file

SIGNATURES = "signatures.json"
"""In the folder of a lab's results."""

FEWEST_BYTES = 32
SIGNED = ("key", "spec", "status", "final", "versions", "machine", "date", "seconds")


def read_key(path: Path) -> bytes:
    """Return the key that a file holds.

    Raises
    ------
    LabError
        If there is none, or it is too short to be secret.
    """
    try:
        key = read_file(path, 10_000, LabError).strip()
    except FileNotFoundError:
        raise LabError(
            f"{path}: no such key; make one: python -c 'import secrets; "
            f"print(secrets.token_hex(32))' > {path}"
        ) from None
    if len(key) < FEWEST_BYTES:
        raise LabError(f"{path}: expected a key of at least {FEWEST_BYTES} bytes")
    return key


def signature(content: Mapping[str, Any], key: bytes) -> str:
    """Return the signature of a run, in hex.

    Parameters
    ----------
    content : mapping
        Its record, or its entry in a manifest.
    key : bytes
    """
    said = canonical_json({name: content[name] for name in SIGNED})
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


def is_signed(content: Mapping[str, Any], key: bytes) -> bool:
    """Say whether the entry of a manifest carries the signature that belongs to it."""
    said = str(content.get("signature", "")).encode(errors="replace")  # texts have to be ASCII
    return hmac.compare_digest(said, signature(content, key).encode())


def read(folder: Path) -> dict[str, str]:
    """Return the signatures of the runs of a lab by their keys."""
    path = folder / "results" / SIGNATURES
    try:
        content = json.loads(files.read_text(path))
        return {str(key): str(value) for key, value in content.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, RecursionError):
        raise LabError(f"{path}: expected signatures by key; remove the file") from None


def add(folder: Path, contents: Iterable[Mapping[str, Any]], key: bytes) -> None:
    """Sign the records of runs that were just made, beside the signatures that are there."""
    signatures = read(folder) | {item["key"]: signature(item, key) for item in contents}
    text = json.dumps(dict(sorted(signatures.items())), indent=1) + "\n"
    files.write(folder / "results" / SIGNATURES, text.encode())
