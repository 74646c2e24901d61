"""Where the project's files are."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
"""The folder that holds the package, the book and the data."""
