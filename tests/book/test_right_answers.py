"""The answers that presets declare as right are those that the numbers give."""

import json
import math
import re

import numpy as np
import pytest

from tests.book.test_explorables import (
    PAGES,
    arrive,
    chosen,
    covering,
    hidden_gradients,
    means_of_thinned,
    number,
    press,
    read_digits,
    received,
    weights,
)


def words(box):
    return box.locator(".nnx-happens").first.inner_text()


def said(box, pattern):
    """Return the number that the words of an explorable hold."""
    return number(re.search(pattern, words(box))[1].strip(".,:"))


def nearest(value, answers):
    """Return the answer whose value is nearest, if it is near."""
    value_of = min(answers, key=lambda one: abs(one - value))
    assert value == pytest.approx(value_of, rel=0.2, abs=0.01)
    return answers[value_of]


def chain(state):
    """Return the derivatives of half the squared error by the four biases."""
    weight, bias = ([float(state[f"{kind}{k}"]) for k in range(1, 5)] for kind in "wb")
    a, slopes = float(eval_fraction(state["x"])), []
    for w, b in zip(weight, bias, strict=True):
        z = w * a + b
        a = max(z, 0) if state["activation"] == "relu" else 1 / (1 + math.exp(-z))
        slopes.append(float(z > 0) if state["activation"] == "relu" else a * (1 - a))
    signal, found = a - float(eval_fraction(state["y"])), []
    for k in reversed(range(4)):
        signal *= slopes[k]
        found.append(signal)
        signal *= weight[k]
    return found[::-1]


def eval_fraction(text):
    top, _, bottom = text.partition("/")
    return number(top) / number(bottom or "1")


def of_the_chain(asked):
    first, *_, last = chain(asked.state)
    ratio = first / last
    if ratio < 1e-3:
        return "Less than a thousandth"
    return "A larger derivative" if ratio > 1.2 else "About the same"


def of_the_inactive(asked):
    reached = [k for k, one in enumerate(chain(asked.state), 1) if one]
    return {
        (1, 2, 3, 4): "All four", (3, 4): "The last two", (4,): "Only the last", (): "None"
    }[tuple(reached)]  # fmt: skip


def diverging(asked):
    lines = asked.box.locator(".nnx-standing li").all_inner_texts()
    wild = tuple(re.match(r"\s*([a-z ]+?) diverges", one)[1] for one in lines if "diverges" in one)
    return {
        ("gradient descent",): "Gradient descent", ("momentum",): "Momentum",
        ("gradient descent", "momentum"): "Both", (): "Neither",
    }[wild]  # fmt: skip


def updates_at_best(kappa, betas):
    """Return how many updates the best of many settings needs for a tenth of the distance."""
    rate, beta, curve = np.meshgrid(np.linspace(0.02, 3.98, 199), betas, [1, 1 / kappa])
    half, beta = (1 + beta - rate * curve) / 2, beta.astype(complex)
    root = np.sqrt(half**2 - beta)
    factor = np.maximum(abs(half + root), abs(half - root)).max(axis=2)
    return -1 / np.log10(factor.min())


def of_the_flatter_valley(asked):
    old, new = 50, float(asked.state["condition"])
    plain, heavy = (
        round(updates_at_best(new, betas) / updates_at_best(old, betas))
        for betas in ([0], np.linspace(0, 0.99, 199))
    )
    return {
        (4, 4): "Both four times as many (like κ)",
        (4, 2): "Gradient descent four times (like κ), momentum twice as many (like √κ)",
        (2, 4): "Gradient descent twice (like √κ), momentum four times as many (like κ)",
    }[plain, heavy]


WHO = {
    (0, 1, 2): "All three", (0, 2): "One sigmoid layer and six ReLU layers",
    (2,): "Six ReLU layers only", (): "None",
}  # fmt: skip


def of_the_seven(asked):
    now = read_digits(asked.box)
    return WHO[tuple(k for k in range(3) if now[k][0] != asked.old["digits"][k][0])]


def of_the_shifted_three(asked):
    return WHO[tuple(k for k, (digit, _) in enumerate(read_digits(asked.box)) if digit == 3)]


def of_the_plus_sign(asked):
    over, percent = re.search(r"Six ReLU layers: \d \((over )?(\d+)", words(asked.box)).groups()
    answers = {10: "About 10 %", 50: "About 50 %"}
    return "Over 99 %" if over else nearest(int(percent), answers)


def pieces(asked):
    return int(said(asked.box, r"(\d+) straight pieces"))


def of_the_step(asked):
    old, new = re.search(r"before the step: (\S+)\. After it: (\S+),", words(asked.box)).groups()
    change = eval_fraction(new) - eval_fraction(old)
    return ["It stays the same", "It becomes larger", "It becomes smaller"][int(np.sign(change))]


def along_layers(asked):
    first, last = received(asked.box)
    if last < first / 2:
        return "They shrink to 0"
    return nearest(last / first, {1: "They stay about the same", 1.5: "They crowd at −1 and 1"})


def of_the_scale(asked):
    stays = received(asked.box) == pytest.approx([1, 1], abs=0.1)
    grows = hidden_gradients(asked.box)["batch"] / asked.old["gradients"]["batch"]
    assert stays
    return nearest(
        grows, {10: "The activations stay, the gradient grows about tenfold", 1: "Both stay"}
    )


def of_two_images(asked):
    z = np.random.default_rng(1).normal(size=(30, int(asked.state["images"])))
    normalized = (z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True)
    assert received(asked.box)[1] == pytest.approx(1, abs=0.01)  # there as well ε hardly matters
    return "−1 and 1 only" if np.allclose(abs(normalized), 1) else "Values as in a batch of 100"


def of_many_zeros(asked):
    zeros = tuple(weights(asked.box, penalty).count(0) for penalty in ("L1", "L2"))
    return {
        (2, 0): "Both with L1, and none with L2", (2, 2): "Both with L1 and both with L2",
        (1, 1): "One with each",
    }[zeros]  # fmt: skip


def of_the_corner(asked):
    corner = 0 in weights(asked.box, "L1")
    return "Yes, it is always in a corner" if corner else "No, it moves onto an edge"


def of_like_features(asked):
    shared = [
        penalty for penalty in ("L1", "L2")
        if min(weights(asked.box, penalty)) > max(weights(asked.box, penalty)) / 4
    ]  # fmt: skip
    return {"L1 L2": "Both", "": "Neither"}.get(" ".join(shared), " ".join(shared))


def of_the_large_batch(asked):
    validation, _, base, _ = chosen(asked.box)[2]
    answers = {1: "As low as with batches of 100", 3: "At about three times that error"}
    return nearest(validation / base, answers)


def of_many_units(asked):
    validation, _, base, _ = chosen(asked.box)[2]
    if "do not overlap" not in words(asked.box):
        return "At the same height"
    return "Lower" if validation < base else "Higher: the network overfits"


def of_few_images(asked):
    validation, training, *_ = chosen(asked.box)[2]
    return {
        (10, 10): "Both about 10 %", (0, 10): "0 % and about 10 %", (0, 2): "0 % and about 2 %"
    }[round(training), round(validation)]  # fmt: skip


def of_intervals(asked):
    share = covering(asked.box)
    counted = [(int(re.search(r"\d+", one)[0]), one) for one in asked.answers if "%" in one]
    return min(counted, key=lambda one: abs(one[0] - share))[1] if share > 50 else "Less than half"


def of_two_dropped_layers(asked):
    gap, (_, deviation, _) = said(asked.box, r"up to (\S+) apart"), means_of_thinned(asked.box)
    if not gap:
        return "Yes, for every x"
    return "No, but it is near" if gap < deviation / 3 else "No, and it is nowhere near"


def of_the_scatter(asked):
    ratio = means_of_thinned(asked.box)[1] / asked.old["scatter"]
    return "Less" if ratio < 0.8 else "Further" if ratio > 1.25 else "About as far"


def trained(asked, epochs):
    asked.box.locator(".nnx-happens").filter(has_text=f"After {epochs} epochs").wait_for(
        timeout=60_000
    )


def of_six_sigmoid_layers(asked):
    trained(asked, 30)
    share = said(asked.box, r"training loss (\S+)") / math.log(10)
    return nearest(
        share, {0: "It falls to nearly 0", 0.5: "It falls by half", 1: "It stays that of a guess"}
    )


def of_six_relu_layers(asked):
    trained(asked, 30)
    return nearest(said(asked.box, r"accuracy (\S+)"), {10: "One", 50: "Five", 90: "Nine"})


def of_the_normalized(asked):
    trained(asked, 20)
    found = re.search(r"half the loss .* in epoch (\d+)", words(asked.box))
    if not found:
        return "More than 20"
    return "Less than 10" if int(found[1]) < 10 else "10 to 20"


def of_larger_weights(asked):
    times = said(asked.box, r"(\S+) times as much as with Glorot")
    return "By less than 2" if times < 2 else "By 2 to 5" if times < 5 else "By more than 5"


def of_the_flat(asked):
    factor = said(asked.box, r"the gradient by (\S+) per layer")
    if 0.9 < factor < 1.1:
        return "No, it is about equal"
    return "Yes, it shrinks" if factor < 1 else "No, it grows"


def signal(box):
    return said(box, r"error signal (\S+)")


RIGHT = {
    "chain": {
        "Weights of 8, biases kept at −1": of_the_chain,
        "One inactive ReLU": of_the_inactive,
    },
    "descent": {"Too fast for one": diverging, "A flatter valley": of_the_flatter_valley},
    "drawn-digit": {
        "A seven": of_the_seven,
        "Five pixels to the right": of_the_shifted_three,
        "No digit": of_the_plus_sign,
    },
    "folding": {
        "Without stretching": lambda asked: {
            2: "2, for the strip becomes too short",
            12: "12",
            64: "64",
        }[pieces(asked)],
        "The same crease": lambda asked: str(pieces(asked)),
        "Off the middle": lambda asked: "As many" if pieces(asked) == 32 else "Fewer",
    },
    "gradient-noise": {
        "Four times the batch": lambda asked: nearest(
            said(asked.box, r"miss it by (\S+)") / asked.old["error"],
            {0.25: "A quarter", 0.5: "About a half", 1: "All of it"},
        ),
        "Near the minimum": lambda asked: nearest(
            said(asked.box, r"(\d+) of 400 updates") / 400,
            {1: "Nearly all", 1 / 3: "About a third", 0: "None"},
        ),
        "With replacement": lambda asked: asked.answers[
            said(asked.box, r"miss it by (\S+)") > 0.001
        ],
    },
    "histograms": {
        "Batch normalization": along_layers,
        "Ten times smaller": along_layers,
        "Ten times smaller, normalized": of_the_scale,
        "A batch of two": of_two_images,
    },
    "one-step": dict.fromkeys(("The whole step", "A longer step"), of_the_step),
    "outputs": {
        "The matched pair": lambda asked: nearest(
            signal(asked.box) / asked.old["signal"],
            {4: "About 4 times", 40: "About 40 times", 400: "About 400 times"},
        ),
        "Softmax, squared error": lambda asked: nearest(
            abs(signal(asked.box)), {0: "Hardly", 1: "Yes, with nearly the full signal"}
        ),
    },
    "penalties": {
        "A strong penalty": of_many_zeros,
        "On an edge": of_the_corner,
        "Two features alike": of_like_features,
    },
    "records": {
        "A large batch": of_the_large_batch,
        "Five hundred units": of_many_units,
        "Few images": of_few_images,
    },
    "seeds": {"Two seeds, 1.96": of_intervals, "A skewed error": of_intervals},
    "thinned": {
        "A probability": lambda asked: (
            "The "
            + re.search(r"weight scaling is exactly the ([a-z ]+), because", words(asked.box))[1]
        ),
        "Two layers": of_two_dropped_layers,
        "Trained with dropout": of_the_scatter,
    },
    "training": {
        "Six sigmoid layers": of_six_sigmoid_layers,
        "ReLU instead": of_six_relu_layers,
        "Normalized": of_the_normalized,
    },
    "vanishing": {"He's weights": of_larger_weights, "Flat is not healthy": of_the_flat},
}
KEPT = {
    "drawn-digit": lambda box: {"digits": read_digits(box)},
    "gradient-noise": lambda box: {"error": said(box, r"miss it by (\S+)")},
    "histograms": lambda box: {"gradients": hidden_gradients(box)},
    "outputs": lambda box: {"signal": signal(box)},
    "thinned": lambda box: {"scatter": means_of_thinned(box)[1]},
}  # of the state in which a question is asked


class Asked:
    """A preset that has been asked about, and is shown."""

    def __init__(self, box, preset, first):
        self.box = box
        self.answers = preset["answers"]
        self.state = first | preset["state"]
        press(box, preset["name"])
        self.old = KEPT.get(box.get_attribute("id"), lambda _: {})(box)
        press(box, self.answers[0])
        box.locator(".nnx-asked details").wait_for(timeout=60_000)
        self.judged = box.locator(".nnx-asked summary").inner_text()


@pytest.mark.parametrize("name", PAGES)
def test_the_right_answers_are_those_of_the_numbers(visit, name):
    box = arrive(visit(PAGES[name]), name)
    presets = json.loads(box.get_attribute("data-presets"))
    asking = [preset for preset in presets if "ask" in preset]
    assert asking
    for preset in asking:
        asked = Asked(box, preset, presets[0]["state"])
        right = RIGHT[name][preset["name"]](asked)
        assert right == preset["correct"], preset["name"]
        judged = "That is right." if right == asked.answers[0] else f"The right one: {right}."
        assert asked.judged.endswith(f"Your answer: {asked.answers[0]}. {judged}")
