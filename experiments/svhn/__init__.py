"""SVHN: from the .mat files to batches.

In reading order: `official` which files there are, `source` whether one is of them, `mat_elements`
and `mat_file` how it is read, `store` how it is converted once, `download` where it comes from,
`dataset` the SVHN that torchvision has; `protocol` which images train, validate and test, `batches`
how they reach the device, `augmentation` how they are varied there, `recipe` how the better network
is trained, `settings` with which numbers; `memory` and `layout` make its steps fast.
"""
