"""The assignment: its data, training, evaluation, figures, reports, and the command line.

To be read in this order: `digits`, `backend`, `evaluation`, `early_stopping`, `training`, `run`
(one run from seed to result), then what is written about it: `run_folder`, `figures`,
`comparison`, `seeds`, `report`; `digits_command` puts them together, `cli` is the way in.
House numbers: `svhn` (the data, from the official files to batches, and the recipes),
`svhn_experiment`, `ablation`, `svhn_report` and `run_report`; `finished_run` and `retest` read a
run again.
`doctor`: what a machine is asked about. `markdown`: names that are no markup.
`lessons`: notebooks to learn from; `notebooks` builds them.
"""
