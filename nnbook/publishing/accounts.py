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
    from collections.abc import Iterable, Mapping

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Register the check."""
    app.add_config_value("nnbook_accounts", False, "env", [bool])
    app.connect("env-updated", check)


def remember(env: BuildEnvironment, by_page: Mapping[str, Iterable[str]]) -> None:
    """Note which configurations each page looks up."""
    shown = set().union(*by_page.values())
    env.nnbook_shown = shown  # type: ignore[attr-defined]


def check(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Warn of every configuration that is not accounted for; no page is to be written for it."""
    if not app.config.nnbook_accounts:
        return []
    claims, shown = app.nnbook_claims, env.nnbook_shown  # type: ignore[attr-defined]
    try:
        for problem in problems(claimed(claims.values()) | shown):
            logger.warning("%s", problem)
    except NNBookError as error:
        logger.warning("%s", error)
    return []
