"""An answer sheet's figures beside what reruns of its networks give, with a verdict on each.

The answer sheet of the lab (``data/answer_sheet.json``) prints 246 figures. For each of them this
module collects what came out when the networks were trained again, and decides by fixed rules
whether the figure is reproduced:

- *copy*: a row agrees with an earlier row of other settings in every digit of every figure, losses
  or errors among them.
- *cannot be checked*: the figure leaves nothing to compare, such as the best of one learning rate.
- *reproduced*: the figure lies inside the 95 % prediction interval of the reruns, and that interval
  is narrow, so that the figure could have failed: half its width is at most a tenth of its center
  for a loss, and at most two percentage points for an accuracy, whether it is printed as such or as
  an error.
- *within the spread*: it lies inside an interval that is wide, so that much else would, too.
- *not reproduced*: it lies outside.

Exercise 3 is compared with the script as the lab prints it: weights are carried over from one
training to the next, and of the four trainings at the best rate the one with the highest validation
accuracy stands in the table. One such chain per row is on record; how far its figures would scatter
is told by four runs from fresh weights. The chains of RMSprop were made without the momentum that
the script prints: its rows are compared with the best of four fresh runs that have it.
"""

from nnbook.evidence.reproduction.predictions import (
    Prediction,
    Verdict,
    beside,
    prediction,
    resampled,
)
from nnbook.evidence.reproduction.reruns import (
    as_printed,
    as_selected,
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
    reads_most,
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
    "as_selected",
    "beside",
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
    "reads_most",
    "reproduction",
    "resampled",
    "rows",
    "shared_figures",
]
