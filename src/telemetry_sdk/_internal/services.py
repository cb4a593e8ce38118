"""The services: names used by the policy, the queue, the spool and the sender alike."""

METRICS: str = "metrics"
ERRORS: str = "errors"
BUG_REPORTS: str = "bug_reports"
SERVICES: tuple[str, ...] = (METRICS, ERRORS, BUG_REPORTS)
RECORDED: tuple[str, ...] = (ERRORS, METRICS)  # recorded and spooled, in the order of sending
SENTRY, STATSIG = "sentry_sdk", "statsig"
PACKAGES = (SENTRY, STATSIG)  # the vendors' own, which an application may use itself
