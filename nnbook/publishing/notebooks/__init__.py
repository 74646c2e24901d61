"""Notebooks to take away: each page with code as a file that runs anywhere.

Jupyter, VS Code and Colab show plain Markdown and know neither the book's directives nor its other
pages. So a notebook is made from the tree of its page, in which references, numbers in sentences
and citations are filled in (`pages`, `blocks`, `texts`); code and outputs are those of the executed
page (`cells`). The records that it looks up are a file beside it (`nnbook.experiments.archives`).
"""
