"""Self-checks: questions in the text, whose right answers the build computes.

`answers` computes, `reading` takes apart what a page declares, `hooks` is what Sphinx calls, and
`lists` shows all of them by chapter. Where no script runs, a question has its answer folded below
it; in print, a key stands at the end.
"""
