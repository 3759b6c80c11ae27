"""Where a training step's time and memory go: `minigrad bench --profile` and `--memory`.

`step.py` is the step. `timing.py` measures its time, `timing_text.py` prints it, `timing_chart.py`
draws it. `saved.py` finds what each layer keeps for backward, in minigrad and in PyTorch;
`memory_text.py` and `memory_chart.py` show it. `command.py` is what the command runs.
"""
