"""The publishing room: figures, tables, interactive figures and the book's Sphinx extension."""
