"""Holds a student's layers against PyTorch and finite differences, and names the mistake."""
