"""The seed of a run: new every time, printed, and chosen by OCOP_FUZZ_SEED or --seed to see the same again."""

import os
from random import SystemRandom


def chosen_seed() -> int:
    """Return the seed from the environment, a new one where none is set, and print it."""
    seed = int(os.environ.get("OCOP_FUZZ_SEED") or SystemRandom().randrange(10**9))
    print(f"OCOP_FUZZ_SEED={seed}")  # noqa: T201  # pytest shows it with a failure
    return seed
