"""Pictures that could have been taken as well: digits stay digits, and the right way round.

A whole batch at once, on its device. Nothing is mirrored: few digits survive that. Colours may be
inverted: a house number is as often dark on light as light on dark.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

SHIFT = 3.0  # pixels, to either side
ANGLE = 10.0  # degrees
STRETCH = 0.1  # factors of exp(-0.1) to exp(0.1), in each direction
CONTRAST = 0.3  # factors of exp(-0.3) to exp(0.3)
BRIGHTNESS = 0.3 * 128  # grey levels
INVERTED = 0.5  # of the pictures


def augmented(
    x: Any, draw: Callable[[int], Any], geometry: bool = True, colours: bool = True
) -> Any:
    """Change each image x (B, 3, 32, 32) of 0..255 by chance.

    The random numbers are drawn on the CPU, and are the same for every device.

    Parameters
    ----------
    draw : function that, given k, returns random numbers of 0..1, (k, B).
    geometry : move, turn and stretch
    colours : change contrast and brightness, and invert
    """
    chance = draw(8).to(x.device)  # (8, B) in 0..1
    swing = 2 * chance - 1  # -1..1
    if geometry:
        x = moved(x, ANGLE * swing[0], torch.exp(STRETCH * swing[1:3]), SHIFT * swing[3:5])
    if colours:
        inverted = chance[7] < INVERTED
        x = recoloured(x, torch.exp(CONTRAST * swing[5]), BRIGHTNESS * swing[6], inverted)
    return x.contiguous(memory_format=torch.channels_last)


def moved(x: Any, angle: Any, stretch: Any, shift: Any) -> Any:
    """Show each image through a window that is turned, stretched and shifted.

    Beyond the edge, the edge's pixels go on.

    Parameters
    ----------
    angle : (B,) in degrees, anticlockwise
    stretch, shift : (2, B) of the window, x and y; the shift in pixels
    """
    cos, sin = torch.cos(angle * (math.pi / 180)), torch.sin(angle * (math.pi / 180))
    half = x.shape[-1] / 2  # affine_grid counts from -1 to 1
    rows = (cos * stretch[0], -sin * stretch[1], shift[0] / half), (
        sin * stretch[0], cos * stretch[1], shift[1] / half,
    )  # fmt: skip
    window = torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)  # (B, 2, 3)
    grid = F.affine_grid(window, x.shape, align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def recoloured(x: Any, contrast: Any, brightness: Any, inverted: Any) -> Any:
    """Change each image's contrast and brightness, and swap light and dark; each (B,)."""
    contrast, brightness, inverted = (
        values.view(-1, 1, 1, 1) for values in (contrast, brightness, inverted)
    )
    mean = x.mean(dim=(2, 3), keepdim=True)  # (B, 3, 1, 1)
    x = (contrast * (x - mean) + mean + brightness).clamp(0, 255)
    return torch.where(inverted, 255 - x, x)
