"""The parts of ``gradcheck``.

``vector_function.py``  the function that is checked, as one of numbers: R^N -> R^M
``conduct.py``          what no number shows: chance, state, changes in place, a missing gradient
``differences.py``      difference quotients, and how far they can be trusted
``jacobian.py``         backward's derivatives beside the differences'
``report.py``           what is said of those that are wrong
"""
