"""From the queue to the server: queue, drain, spool, sender, ledger, egress.

`drain` (queue -> gate -> spool) is plain synchronous code; the writer thread runs it, at exit the exiting
thread does. The sender, a second thread, does all that may block. Importing this room loads none of it.
"""
