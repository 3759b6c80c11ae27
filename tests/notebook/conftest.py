"""The notebook is run by test_notebook.py, not imported by the search for doctests."""

collect_ignore = ["digits_notebook.py"]
