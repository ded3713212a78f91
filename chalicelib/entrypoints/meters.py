"""Metrics on their way out: what happened since the last time, as one line that CloudWatch reads and anybody can.

Each door calls `write_metrics` when it is done. Where nothing was counted, nothing is written and powertools is not
even loaded. docs/operations.md lists the metrics.
"""

from chalicelib.container import container
from chalicelib.entrypoints.journal import SERVICE

NAMESPACE = "Tavern"


def write_metrics(door: str) -> None:
    """`door` stands in the line and is no dimension: each dimension would be a metric more on the bill."""
    counts, timings = container().metrics.take()
    if not (counts or timings):
        return
    from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

    # Not the shared `Metrics`: threads of one process would write into each other's.
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=SERVICE)
    metrics.add_dimension("stage", container().settings.stage)
    metrics.add_metadata("door", door)
    for name, amount in counts.items():
        metrics.add_metric(name, MetricUnit.Count, amount)
    for name, taken in timings.items():
        for milliseconds in taken:
            metrics.add_metric(name, MetricUnit.Milliseconds, milliseconds)
    metrics.flush_metrics()
