"""Formulas: made when the book is built, so that no script lays them out in the browser.

KaTeX (in ``katex``, MIT license) makes them, in a JavaScript engine that comes as a wheel. What is
seen is HTML with KaTeX's fonts; screen readers get MathML; search and titles get plain text.
"""
