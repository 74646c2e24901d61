"""The publishing room: figures, tables, interactive figures, the book's Sphinx extension."""
