"""Folding: the strips that Node folds beside networks whose pieces nnbook counts."""

import itertools
import json
from fractions import Fraction

from nnbook.theory.arrays import exact
from nnbook.theory.depth import folding_network, kinks, slopes
from nnbook.theory.network import Layer, Network
from tests.publishing.explorables.node import run_tests

CREASES = ("1/2", "3/4", "11/20", "9/10", "2/3")


def network(kind, crease, layers):
    """Return the layers of two ReLU units that fold as the page says."""
    stretched = [1 / crease, -1 / crease - 1 / (1 - crease)]
    out = stretched if kind == "stretch" else [1, -2]
    weights, places = exact([[1], [1]]), []
    for layer in range(1, layers + 1):
        place = crease**layer if kind == "left" else crease
        places.append(Layer(weights, exact([0, -place]), "relu"))
        weights = exact([out, out])
    return Network((*places, Layer(weights[:1], exact([0]), "identity")))


def found(kind, crease, layers):
    folded, ends = network(kind, Fraction(crease), layers), exact([0, 1])
    places = [ends[0], *kinks(folded, *ends), ends[1]]
    middles = [(left + right) / 2 for left, right in itertools.pairwise(places)]
    return {
        "kind": kind,
        "crease": crease,
        "layers": layers,
        "x": [str(place) for place in places],
        "y": [str(y) for y in folded.forward(exact([places])).prediction[0]],
        "slopes": [float(abs(slope)) for slope in slopes(folded, exact(middles))[0]],
    }


def test_the_stretching_fold_is_that_of_the_chapter():
    chapter, here = folding_network(3), network("stretch", Fraction(1, 2), 3)
    for one, other in zip(chapter.layers, here.layers, strict=True):
        assert (one.weights == other.weights).all() and (one.biases == other.biases).all()


def test_the_page_computes_what_nnbook_computes(tmp_path):
    cases = itertools.product(("stretch", "left", "same"), CREASES, (1, 2, 5))
    strips = [found(*case) for case in cases]
    path = tmp_path / "golden.json"
    path.write_text(json.dumps({"strips": strips}), encoding="utf-8")
    run_tests("folding.test.mjs", NNBOOK_GOLDEN=str(path))
