"""What is tried: small inputs, drawn from a seed, that force every feature of a layer."""

from pt_reference.check.cases.case import Case, cases

__all__ = ["Case", "cases"]
