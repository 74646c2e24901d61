"""An answer sheet's figures beside what reruns of its networks give, with a verdict on each.

The answer sheet of the lab (``data/answer_sheet.json``) prints 246 figures. For each of them this
module collects what came out when the networks were trained again, and decides by fixed rules
whether the figure is reproduced:

- *copy*: a row agrees with an earlier row of other settings in every digit of every figure, losses
  or errors among them.
- *cannot be checked*: the figure leaves nothing to compare, such as the best of one learning rate.
- *reproduced*: the figure lies inside the 95 % prediction interval of the reruns, and that interval
  is narrow (half its width is at most a tenth of its center), so that the figure could have failed.
- *within the spread*: it lies inside an interval that is wide, so that much else would, too.
- *not reproduced*: it lies outside.

Exercise 3 was rerun in two ways: with weights carried over from one training to the next, as the
lab's script does, and from fresh weights. Each gets a verdict, and the figure gets the better one,
since the sheet does not say which of its trainings a row shows.
"""

from nnbook.evidence.reproduction.predictions import Prediction, Verdict, prediction, resampled
from nnbook.evidence.reproduction.reruns import (
    as_printed,
    carried_over,
    constant_answers,
    fresh_starts,
    one_class_rows,
)
from nnbook.evidence.reproduction.sheet import (
    AS_PRINTED,
    COLUMNS,
    WITHOUT_PENALTY,
    Exercise,
    identical_rows,
    is_a_count,
    printed,
    rows,
    shared_figures,
)
from nnbook.evidence.reproduction.summaries import as_frame, counts, listing
from nnbook.evidence.reproduction.verdicts import Figure, reproduction

__all__ = [
    "AS_PRINTED",
    "COLUMNS",
    "WITHOUT_PENALTY",
    "Exercise",
    "Figure",
    "Prediction",
    "Verdict",
    "as_frame",
    "as_printed",
    "carried_over",
    "constant_answers",
    "counts",
    "fresh_starts",
    "identical_rows",
    "is_a_count",
    "listing",
    "one_class_rows",
    "prediction",
    "printed",
    "reproduction",
    "resampled",
    "rows",
    "shared_figures",
]
