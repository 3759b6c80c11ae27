"""A network and its training explained, from the table of its layers and its settings."""

import itertools
import math
from collections.abc import Sequence

from experiments.run_report.facts import Facts
from experiments.run_report.findings import LayerRow
from experiments.svhn.recipe import DROPOUT

IMAGE = (3, 32, 32)

# What a layer is there for, in the words of this report.
REASONS = {
    "ContrastNormalisation": "gives every image the same mean and contrast, each by itself: what "
    "distinguishes digits is shape, not the light they were photographed in.",
    "Conv2d": "looks at a small window of all channels, and applies the same weights at each "
    "place: each output channel is a map of where a pattern was found.",
    "BatchNorm2d": "brings each channel to mean 0 and variance 1 over the batch, and learns a "
    "scale and a shift instead: the size of the weights below matters less, and higher learning "
    "rates are stable. In evaluation it uses running averages.",
    "MaxPool2d": "keeps the largest of each window, and makes maps half as wide and high: less to "
    "compute, a larger field of view for what follows, and small shifts matter less.",
    "AdaptiveAvgPool2d": "takes the mean of each map: a digit may stand anywhere, and the next "
    "layer needs few weights.",
    "Flatten": "lays the maps out as one vector.",
    "Linear": "weighs all features against each other; the last one gives a score for each digit.",
    "ReLU": "sets what is negative to 0. Without something that is not linear in between, two "
    "layers compute nothing that one could not; and where it is positive, its slope of 1 lets "
    "gradients through as they are.",
    "Dropout": "sets a random part of the features to 0 in each training step, so that none can "
    "be relied on alone; in evaluation all are there.",
    "LogSoftmax": "turns the ten scores into logarithms of probabilities that add up to 1.",
}

# Of the augmentation, by the component's name.
CHANGES = {
    "geometry": "moved, turned and stretched a little",
    "colours": "changed in brightness and contrast, with light and dark often swapped",
}


def layer_components(layers: Sequence[LayerRow]) -> list[str]:
    """Explain each kind of layer once, in the order of their first appearance."""
    found = []
    for kind in dict.fromkeys(layer.kind for layer in layers):
        of_kind = [layer for layer in layers if layer.kind == kind]
        times = f" ({len(of_kind)} times)" if len(of_kind) > 1 else ""
        reason = REASONS.get(kind, "is not explained here.")
        found.append(f"{kind}{times} {reason}")
    if not bends_between_convolutions(layers):
        found.append(
            "Between convolutions there is no ReLU: there, taking the maximum in pooling is all "
            "that is not linear."
        )
    return found


def training_components(facts: Facts) -> list[str]:
    """Explain what belongs to the training alone."""
    s, r = facts.settings, facts.recipe
    found = [
        f"Adamax with a {'highest ' * bool(r.scheduled)}learning rate of {s.lr:g}: each weight's "
        "step is scaled by the largest of its recent gradients, so no weight's step is much longer "
        "than the learning rate.",
        "Early stopping: the weights of the lowest validation nll are tested; training ends when "
        f"more than {s.patience} epochs in a row brought none lower, at the latest after epoch "
        f"{s.epochs}.",
    ]
    if s.weight_decay:
        found.append(f"Weight decay of {s.weight_decay:g}: draws all weights towards 0.")
    if any(layer.kind == "Dropout" for layer in facts.findings.layers):
        found.append(f"Dropout: a share of {DROPOUT:g} in each training step.")
    if r.augment:
        changes = " and ".join(what for name, what in CHANGES.items() if name != s.without)
        found.append(
            f"Augmentation: in each epoch, by chance, each image is {changes}. It stays the digit "
            "that it is; nothing is mirrored."
        )
    if r.scheduled:
        found.append(
            "Schedule: the learning rate rises slowly, while the weights are still random, and "
            "falls slowly to almost 0, which averages out the noise of the batches."
        )
    return found


def bends_between_convolutions(layers: Sequence[LayerRow]) -> bool:
    """Say whether a ReLU stands between all neighbouring convolutions."""
    kinds = [layer.kind for layer in layers]
    places = [place for place, kind in enumerate(kinds) if kind == "Conv2d"]
    return all("ReLU" in kinds[a:b] for a, b in itertools.pairwise(places))


def weights_if_dense(layers: Sequence[LayerRow]) -> tuple[int, int]:
    """Return the parameters of all convolutions, and of linear layers from and to their shapes."""
    convolutions, dense = 0, 0
    inputs = [IMAGE, *(layer.output_shape for layer in layers)]
    for layer, seen in zip(layers, inputs, strict=False):
        if layer.kind == "Conv2d":
            convolutions += layer.parameters
            dense += (math.prod(seen) + 1) * math.prod(layer.output_shape)
    return convolutions, dense
