"""What a few seeds can tell: the recorded runs, and samples that Node draws beside nnbook."""

import json

import numpy as np

from nnbook import experiment, run, summarize
from nnbook.publishing.explorables import facts
from tests.publishing.explorables.node import run_tests

SUMMARY = ("mean", "sd", "low", "high")
COUNT = 4000  # samples of which coverages are compared


def coverage(values, size, factor):
    samples = np.random.default_rng(1).choice(values, size=(COUNT, size))
    errors = samples.std(axis=1, ddof=1) / np.sqrt(size)
    distances = np.abs(samples.mean(axis=1) - np.mean(values))
    return float(((distances <= factor * errors) & (errors > 1e-15)).mean())


def test_the_runs_are_those_on_record():
    runs = facts.seeds()["runs"]
    accuracy = run(experiment("mnist-baseline"))["baseline"].final("test_accuracy")
    error = run(experiment("eckerle4-sheet"))["ex2b-2"].final("test_loss")
    assert len(accuracy) == len(error) == max(facts.SAMPLE_SIZES)
    assert np.allclose(runs["digits"]["values"], 100 * accuracy, rtol=0, atol=1e-4)
    assert np.allclose(runs["eckerle4"]["values"], error, rtol=1e-5)


def test_the_page_computes_what_nnbook_computes(tmp_path):
    found = facts.seeds()
    samples = [found["runs"]["digits"]["values"][:size] for size in (2, 4, 11, 20)]
    golden = {
        "facts": found,
        "samples": [
            {
                "values": values,
                **{name: getattr(summarize(values), name) for name in SUMMARY},
            }
            for values in samples
        ],
        "count": COUNT,
        "coverage": [
            {
                "name": name,
                "size": size,
                "factor": factor,
                "share": coverage(found["runs"][name]["values"], size, factor),
            }
            for name in found["runs"]
            for size in (2, 4, 20)
            for factor in (1.96, found["factors"][size])
        ],
    }
    path = tmp_path / "golden.json"
    path.write_text(json.dumps(golden), encoding="utf-8")
    run_tests("seeds.test.mjs", NNBOOK_GOLDEN=str(path))
