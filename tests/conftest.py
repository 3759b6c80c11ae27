"""What all tests share: how many examples a property is tried with.

``pytest`` takes the quick profile, ``pytest --hypothesis-profile=long`` the thorough one. The quick
one draws the same examples every time, so a failure is the change's doing and not the dice's.
"""

from hypothesis import settings

settings.register_profile("quick", max_examples=25, derandomize=True, deadline=None)
settings.register_profile("long", max_examples=500, deadline=None)
settings.load_profile("quick")
