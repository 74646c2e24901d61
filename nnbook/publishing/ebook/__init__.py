"""The book as an EPUB: the pages that Sphinx makes, without what only browsers need."""
