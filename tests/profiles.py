"""How hard property tests try: `quick` in every run of the tests, `soak` in `make properties`.

A property test says by `tries(...)` how many examples `quick` can afford of it; `soak` takes twenty
times as many. No example has a deadline and no slow machine is a failure: on a loaded machine both
only tell that it is loaded. What fails is shown as small as it gets in `SHRINKING` seconds, not in
the minutes that Hypothesis would take.

`quick` tries the same examples in every run, so that a red test is always about the change at hand;
new examples are for `soak`, which keeps what it finds in `.hypothesis` and prints how to try it
again.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import engine

TIMES: Final = {"quick": 1, "soak": 20}
PROFILE: Final = os.environ.get("INCASSO_EXAMPLES", "quick")
SHRINKING: Final = {"quick": 20, "soak": 120}
"""Seconds; Hypothesis has a constant for it, which its manual says may be set, and no setting."""


def load() -> None:
    """Make the profile that INCASSO_EXAMPLES names the usual one."""
    engine.MAX_SHRINKING_SECONDS = SHRINKING[PROFILE]
    common = settings(
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
    )
    settings.register_profile("quick", common, max_examples=100, derandomize=True)
    settings.register_profile("soak", common, max_examples=100 * TIMES["soak"], print_blob=True)
    settings.load_profile(PROFILE)


def tries(examples: int, *allowed: HealthCheck) -> settings:
    """So many examples in `quick`; what a test does on purpose may be no failure of health."""
    return settings(
        max_examples=examples * TIMES[PROFILE],
        suppress_health_check=[HealthCheck.too_slow, *allowed],
    )
