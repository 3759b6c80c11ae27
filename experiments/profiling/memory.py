"""What the layers of a network save for backward: who is the first to, and when it is let go.

An array is counted by its storage, once, whoever saves a view of it: at the layer that saves it
first. Parameters and the batch are there anyway; they are not counted, but named.
"""

from dataclasses import dataclass, field

BETWEEN = "between the layers"
Layer = str


@dataclass(frozen=True)
class Save:
    """A layer saves an array: one whose storage is at `storage` and takes `nbytes`."""

    layer: Layer
    storage: int
    nbytes: int


@dataclass
class Memory:
    """What the layers of a network save in a step.

    `layers` are in the order of the forward pass. `owners` names the storages of the batch and of
    the parameters. `freed` says of a storage after the backward of which layer it was let go;
    those that are missing stay until the loss itself is gone.
    """

    layers: list[Layer]
    saves: list[Save]
    owners: dict[int, str]
    freed: dict[int, Layer]
    peak: int = 0  # of everything that a step allocates; 0 where it is not known
    first: dict[int, Save] = field(init=False)  # of each storage that counts

    def __post_init__(self) -> None:
        if any(save.layer == BETWEEN for save in self.saves):
            self.layers = [*self.layers, BETWEEN]
        self.first = {}
        for save in self.saves:
            if save.storage not in self.owners:
                self.first.setdefault(save.storage, save)

    def counted(self, layer: Layer) -> int:
        """Return the bytes that a layer is the first to save."""
        return sum(save.nbytes for save in self.first.values() if save.layer == layer)

    def shared(self, layer: Layer) -> list[str]:
        """Return whose the other arrays are that a layer saves: no memory is lost to them."""
        names = []
        for save in self.saves:
            if save.layer == layer:
                owner = self.owners.get(save.storage)
                first = self.first.get(save.storage, save).layer
                names += [owner] if owner else [first] * (first != layer)
        return list(dict.fromkeys(names))

    @property
    def total(self) -> int:
        """The bytes that are saved when the forward pass is done."""
        return sum(save.nbytes for save in self.first.values())

    def curve(self) -> list[int]:
        """Return the bytes held after each layer's forward, then after each layer's backward."""
        held, points = 0, []
        for layer in self.layers:
            held += self.counted(layer)
            points.append(held)
        for layer in reversed(self.layers):
            held -= sum(s.nbytes for key, s in self.first.items() if self.freed.get(key) == layer)
            points.append(held)
        return points
