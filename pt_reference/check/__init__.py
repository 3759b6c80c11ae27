"""Holds a student's layers against PyTorch and finite differences, and names the mistake.

``check_file`` in ``checker.py`` is the whole of it. Reading order:

    contract.py        the seven layers, and what each takes
    cases/             what is tried
    oracle.py          what PyTorch makes of it; pytorch.py: asks it
    checker.py         which layers a file defines; layer_check.py: the checks of one, in order
    ledger.py          what disagrees, and the findings; compare.py, conventions.py,
                       initialisation.py: when something does
    causes/            what a mistake looks like
    results.py         what is found, as data; report/: told

The student's file runs in a process of its own, which imports none of the above but the contract:

    sandbox.py         the checker's side of it, and what all this protects against
    running.py         all of them, to be ended at once
    frames.py          how the two talk; answer_form.py: what may be answered
    limits.py          what the file may not do; walls.py: the kernel sees to it
    worker.py          the process: it answers requests; intact.py: puts back what was replaced
    students.py        what the file defines; styles/: the styles behind one face
    trial.py           one call, watched; differences.py, torch_calls.py
"""
