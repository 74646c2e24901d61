"""Complete accounts in a build: a configuration that no page shows is a warning.

The configuration value ``nnbook_accounts`` switches it on, as the book does; a part of the book, or
another one, cannot account for all experiments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx.util import logging

from nnbook.errors import NNBookError
from nnbook.schema import canonical_digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Register the check."""
    app.add_config_value("nnbook_accounts", False, "env", [bool])
    app.connect("env-updated", check)


def remember(env: BuildEnvironment, shown: Iterable[Iterable[str]]) -> None:
    """Note which configurations the pages look up."""
    env.nnbook_shown = set().union(*shown)  # type: ignore[attr-defined]


def check(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Warn of every configuration that is not accounted for; no page is to be written for it."""
    shown: set[str] = env.nnbook_shown  # type: ignore[attr-defined]
    key = canonical_digest([app.nnbook_found["key"], sorted(shown)])  # type: ignore[attr-defined]
    if not app.config.nnbook_accounts or getattr(env, "nnbook_accounted", None) == key:
        return []

    from nnbook.evidence.accounts import claimed, problems
    from nnbook.publishing.claim_roles import claims_of

    claims = claims_of(app)
    try:
        for problem in problems(claimed(claims.values()) | shown):
            logger.warning("%s", problem)
    except NNBookError as error:
        logger.warning("%s", error)
    env.nnbook_accounted = key  # type: ignore[attr-defined]  # not kept if there were warnings
    return []
