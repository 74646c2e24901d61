"""The book on paper: one tagged PDF, set by Typst, with the numbers of the web.

Sphinx's trees of the pages become Typst code (`translator`), formulas by way of pandoc
(`mathematics`); `builder` puts the pages in order and has them set.
"""
