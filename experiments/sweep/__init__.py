"""`minigrad sweep`: hyperparameters are drawn, tried in runs, and ranked; on Optuna.

`space` reads what may be drawn, `runs` does a trial's run, `study` and `trials` keep the book in a
database, `sampler` draws, `worker` and `processes` do the trials, `report` and `figures` show
what came out.
"""
