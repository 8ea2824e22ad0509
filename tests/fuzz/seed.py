"""The seed of a run, printed: OCOP_FUZZ_SEED or --seed choose it to see the same again."""

import os
from random import SystemRandom


def chosen_seed(usual: int | None = None) -> int:
    """Return the seed from the environment, where none is set the usual or a new one, and print it."""
    seed = int(os.environ.get("OCOP_FUZZ_SEED") or usual or SystemRandom().randrange(10**9))
    print(f"OCOP_FUZZ_SEED={seed}")  # noqa: T201  # pytest shows it with a failure
    return seed
