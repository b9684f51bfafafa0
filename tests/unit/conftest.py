"""What the unit tests need beside what all share: little time for what some of them ask."""

import gc


def pytest_collection_finish():
    """Leave modules and tests out of collecting garbage, which some tests ask for."""
    gc.freeze()
