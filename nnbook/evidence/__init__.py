"""The evidence room: what may be concluded from recorded runs."""
