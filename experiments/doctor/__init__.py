"""What `minigrad doctor` looks at: `machine`, `packages`, `computing`, `files`; `screen` shows it.

A part is a function that returns a Finding. Nothing that a part does not find, or cannot import,
keeps the others from being shown.
"""
