"""What ``/metrics`` shows. Counts and times only; labels come from fixed lists (S9)."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

registry = CollectorRegistry()

messages = Counter(
    "frontdesk_messages_total",
    "Visitor messages, by route of the screen.",
    ["route"],
    registry=registry,
)
message_seconds = Histogram(
    "frontdesk_message_seconds",
    "Time from request to reply, by route of the screen.",
    ["route"],
    registry=registry,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
cases = Counter(
    "frontdesk_cases_total",
    "Cases opened or raised, by severity.",
    ["event", "severity"],
    registry=registry,
)
second_net = Counter(
    "frontdesk_second_net_total",
    "Messages that Rasa's own screen caught and ours did not.",
    registry=registry,
)
screen_failures = Gauge(
    "frontdesk_screen_failures",
    "Messages on which a layer of the screen failed.",
    registry=registry,
)
storage_up = Gauge(
    "frontdesk_storage_up", "1 while the database can be written.", registry=registry
)
storage_failures = Counter(
    "frontdesk_storage_failures_total",
    "Messages that the database did not take in time.",
    registry=registry,
)
journal_records = Gauge(
    "frontdesk_journal_records",
    "Records in the journal that wait for the database.",
    registry=registry,
)
rasa_failures = Counter(
    "frontdesk_rasa_failures_total",
    "Messages that Rasa did not answer, by reason.",
    ["reason"],
    registry=registry,
)
rate_limited = Counter(
    "frontdesk_rate_limited_total",
    "Requests refused by a rate limit.",
    ["limit"],
    registry=registry,
)
errors = Counter(
    "frontdesk_errors_total", "Requests that failed inside Front Desk.", registry=registry
)
