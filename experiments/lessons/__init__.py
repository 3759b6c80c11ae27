"""Eight lessons, from the chain rule to a network that learns. `minigrad lessons` builds them.

Each is a script whose cells begin with `# %%`: a notebook's text in the form in which it can be
read, compared and run as it is, `python experiments/lessons/1_a_tensor_that_remembers.py`.
What they share: `checked` (a layer written in a cell goes to `minigrad check`) and `pictures`.
"""

import re
from pathlib import Path


def scripts() -> dict[int, Path]:
    """Return the lessons' scripts by number, in order.

    >>> scripts()[1].name
    '1_a_tensor_that_remembers.py'
    """
    found = Path(__file__).parent.glob("[0-9]*_*.py")
    numbers = {int(re.match(r"\d+", path.name)[0]): path for path in found}
    return dict(sorted(numbers.items()))
