"""Complete accounts in a build: a configuration that no page shows is a warning.

The configuration value ``nnbook_accounts`` switches it on, as the book does; a part of the book, or
another one, cannot account for all experiments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx.util import logging

from nnbook.errors import NNBookError
from nnbook.evidence.accounts import claimed, problems

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Register the check."""
    app.add_config_value("nnbook_accounts", False, "env", [bool])
    app.connect("env-updated", check)


def remember(env: BuildEnvironment, page: str, configurations: Iterable[str]) -> None:
    """Note which configurations a page looks up."""
    _by_page(env)[page] = set(configurations)


def check(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Warn of every configuration that is not accounted for; no page is to be written for it."""
    if not app.config.nnbook_accounts:
        return []
    shown = claimed(app.nnbook_claims.values())  # type: ignore[attr-defined]
    for page, configurations in _by_page(env).items():
        if page in env.found_docs:
            shown |= configurations
    try:
        for problem in problems(shown):
            logger.warning("%s", problem)
    except NNBookError as error:
        logger.warning("%s", error)
    return []


def _by_page(env: BuildEnvironment) -> dict[str, set[str]]:
    if not hasattr(env, "nnbook_shown"):
        env.nnbook_shown = {}  # type: ignore[attr-defined]
    found: dict[str, set[str]] = env.nnbook_shown  # type: ignore[attr-defined]
    return found
