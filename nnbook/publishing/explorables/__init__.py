"""Explorables: figures under the reader's hands, in JavaScript, and what stands for them in print.

`engine` computes, in the book's notation, file by file the mirror of `nnbook.theory`; `drawing`
draws; `frame` holds what all explorables share; `figures` has one module for each of them.
"""
