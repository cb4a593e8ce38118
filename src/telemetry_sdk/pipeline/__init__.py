"""From the queue to the spool: the writer thread, the drain and its processors."""
