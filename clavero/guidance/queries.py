"""What the guide asks: how long cases took here. Asked once an hour and kept, so that a page asks nothing."""

from datetime import datetime, timedelta

from clavero.core.profile import Estimate

FRESH = timedelta(hours=1)


def measured(now: datetime) -> tuple[Estimate, ...]:
    """This institution's own figures, where there are enough cases; they win over reported ones (B06)."""
    return ()
