"""The student's lab: a folder with settings and answers, which becomes a report.

`folder` reads it, `answers` makes a student's Markdown safe, `placeholders` puts recorded numbers
into it, `report` sets the PDF, `checks` says what is missing, `manifest` lets a marker rerun it.
"""
