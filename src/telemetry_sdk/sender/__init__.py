"""From the spool to the exit: batches, encoding, retries, rate limits."""
