"""The services: names used by the policy, the queue, the spool and the sender alike."""

METRICS = "metrics"
ERRORS = "errors"
BUG_REPORTS = "bug_reports"
SERVICES = (METRICS, ERRORS, BUG_REPORTS)
RECORDED = (ERRORS, METRICS)  # recorded and spooled, in the order of sending
