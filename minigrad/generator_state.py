"""The state of a random stream as bytes, laid out as PyTorch lays it out.

So ``torch.set_rng_state`` understands minigrad's state and minigrad PyTorch's: a checkpoint needs
one format (``CPUGeneratorImplState`` in aten/src/ATen/CPUGeneratorImpl.cpp).
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

N = 624  # words of the Mersenne Twister
# Seed; words left before the next are made, plus 1; whether seeded; the next word's place; the
# words; a normal number that waits, between two that nothing uses, and whether it does; the same in
# float32, which nothing uses.
LAYOUT = struct.Struct(f"<QiiQ{N * 8}sdddi4xf?3x")


def packed(seed: int, bits: Any, next_normal: float | None) -> bytes:
    """Return the state of a stream: its seed, NumPy's generator, and the normal number kept.

    ``bits`` is None as long as nothing was drawn.
    """
    state = (bits or seeded(seed)).state["state"]
    place = int(state["pos"]) if bits else 0
    left = N + 1 - place if place else 1
    words = state["key"].astype("<u8").tobytes()
    normal = 0.0 if next_normal is None else next_normal
    waits = next_normal is not None
    return LAYOUT.pack(seed, left, 1, place, words, 0.0, normal, 0.0, waits, 0.0, False)


def unpacked(content: bytes) -> tuple[int, Any, float | None]:
    """Undo ``packed``. RuntimeError for what is no state, with PyTorch's words."""
    if len(content) != LAYOUT.size:
        raise RuntimeError(
            f"Expected a CPUGeneratorImplState of size {LAYOUT.size} but found the input RNG state "
            f"size to be {len(content)}"
        )
    seed, left, is_seeded, place, raw, _, normal, _, waits, _, _ = LAYOUT.unpack(content)
    words = np.frombuffer(raw, "<u8")
    fits = left == (N + 1 - place if place else 1) and place <= N
    if not (is_seeded == 1 and fits and (words < 2**32).all()):
        raise RuntimeError("Invalid mt19937 state")
    next_normal = normal if waits else None
    if not place and np.array_equal(words, seeded(seed).state["state"]["key"]):
        return seed, None, next_normal  # nothing was drawn yet
    bits: Any = np.random.MT19937()
    bits.state = {
        "bit_generator": "MT19937",
        "state": {"key": words.astype(np.uint32), "pos": place or N},
    }
    return seed, bits, next_normal


def seeded(seed: int) -> Any:
    """Return NumPy's generator at its start, seeded as PyTorch seeds its own."""
    bits: Any = np.random.MT19937()
    bits._legacy_seeding(seed & 0xFFFFFFFF)
    return bits
