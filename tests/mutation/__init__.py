"""Is the suite able to fail? Every operation is broken on purpose, and some test must notice.

``python -m tests.mutation`` makes copies of the project, makes one mistake in them at a time, and
runs the tests of the operation that it is in. The mistakes are data: see ``catalogue``.
"""
