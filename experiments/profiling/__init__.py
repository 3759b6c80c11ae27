"""Where a training step's time and memory go: `minigrad bench --profile` and `--memory`.

`command.py` is what the command runs, `step.py` the step. `timing.py` measures its time,
`timing_text.py` prints it, `timing_chart.py` draws it. `memory.py` says what layers save for
backward, `saved.py` finds it in minigrad and in PyTorch; `memory_text.py` and `memory_chart.py`
show it.
"""
