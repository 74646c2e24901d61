"""The list of all pages that search engines read."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from xml.etree import ElementTree as ET

_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap(pages: Mapping[str, datetime.date | None]) -> str:
    """Return a sitemap.

    Parameters
    ----------
    pages : mapping of str to datetime.date or None
        Addresses of the pages, and when they were last changed where that is known.

    Examples
    --------
    >>> "<loc>https://example.org/</loc>" in sitemap({"https://example.org/": None})
    True
    """
    root = ET.Element("urlset", xmlns=_SPACE)
    for address, date in pages.items():
        page = ET.SubElement(root, "url")
        ET.SubElement(page, "loc").text = address
        if date:
            ET.SubElement(page, "lastmod").text = date.isoformat()
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
