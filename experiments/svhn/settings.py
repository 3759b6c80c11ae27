"""What a run on house numbers is made of."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from experiments.settings import Settings
from experiments.shell import typed


@dataclass(frozen=True)
class SVHNSettings(Settings):
    """The settings of a run on house numbers, in addition to those of every run."""

    data: str
    subset: bool  # whether any of the data files is not the official one
    protocol: str
    val_fraction: float
    without: str | None
    amp: bool
    compile: bool
    threads: int
    extra: str  # 'used' or 'not used'
    data_files: tuple[dict[str, Any], ...] = ()  # name, bytes, md5, images, official

    @property
    def name(self) -> str:
        """The name of the run's folder, told apart by what makes numbers incomparable."""
        subset = "subset-" if self.subset else ""
        without = f"-without-{self.without}" if self.without else ""
        extra = "-with-extra" if self.uses_extra else ""
        return f"{subset}torch-{self.model}{without}{extra}-seed{self.seed}"

    @property
    def label(self) -> str:
        """The name with which the assignment's files begin."""
        return f"classifier_svhn_{self.model}"

    @property
    def title(self) -> str:
        """What stands above the run's figures."""
        without = f" without {self.without}" if self.without else ""
        return f"SVHN, {self.model} network{without}, seed {self.seed}"

    @property
    def print_freq(self) -> int:
        """Every how many epochs the validation is printed, as in the assignment."""
        return 2

    @property
    def uses_extra(self) -> bool:
        """Whether the extra examples are used."""
        return self.extra == "used"

    @property
    def remarks(self) -> tuple[str, ...]:
        """What has to be known wherever a number of the run is given."""
        subset = "on a subset of SVHN: not comparable with results on the whole"
        rule = "breaks the assignment's rule: extra examples used"
        return (subset,) * self.subset + (rule,) * self.uses_extra

    @property
    def command(self) -> str:
        """What to type to repeat this one run."""
        options = dataclasses.asdict(self)
        for name in ("experiment", "backend", "extra", "data_files"):
            del options[name]
        if self.uses_extra:
            del options["val_fraction"]  # this protocol has its own
        return " ".join(["minigrad", self.experiment, *typed(options)])
