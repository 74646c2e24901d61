"""How figures are drawn: one style, for light and dark pages, wide and narrow screens."""
