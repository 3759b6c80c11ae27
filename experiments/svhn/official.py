"""The three official files of SVHN, format 2: 32 by 32 pixels, one digit in the middle.

Names, address and md5 sums are those in torchvision's `SVHN`.
"""

from dataclasses import dataclass

URL = "http://ufldl.stanford.edu/housenumbers/"


@dataclass(frozen=True)
class OfficialFile:
    """What an official file is known by."""

    name: str
    bytes: int
    md5: str
    images: int

    def __str__(self) -> str:
        return f"{self.bytes:,} bytes, md5 {self.md5}"


FILES = {
    "train": OfficialFile(
        "train_32x32.mat", 182_040_794, "e26dedcc434d2e4c54c9b2d4a06d8373", 73_257
    ),
    "extra": OfficialFile(
        "extra_32x32.mat", 1_329_278_602, "a93ce644f1a588dc4d68dda5feec44a7", 531_131
    ),
    "test": OfficialFile("test_32x32.mat", 64_275_384, "eb5a983be6a315427106f1b164d9cef3", 26_032),
}
