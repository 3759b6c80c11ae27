"""`minigrad bench`: how long minigrad takes, beside PyTorch and whatever other library is there.

Read `row.py` (what a measurement is), `side.py` (each library in a process of its own), then what
the sides do (`digits.py`, `layers.py`, `svhn_step.py`, `floor.py`, `peers/`) and `run.py`, which
lets them take turns. `report.py`, `chart.py` and `output.py` show it.
"""
