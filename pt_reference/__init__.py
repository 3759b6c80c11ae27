"""The assignment's models in PyTorch, and whatever holds a gradient against PyTorch.

Importing this package, or `pt_reference.networks`, does not import PyTorch: the same networks are
also built from `minigrad.nn`.
"""
