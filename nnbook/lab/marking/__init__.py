"""Marking: what many teams handed in, inspected, repeated, compared, and laid out for a person.

`marker` goes through a folder; `team` does what there is to do for one team, in a process of its
own with limits; `pages`, `copies` and `rubric` say what was found; `overview` and `feedback` write
it down. A verdict on a team is a person's: what is written here is facts.
"""
