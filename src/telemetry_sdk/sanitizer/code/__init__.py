"""What is known of code: whose it is, what its files hold, which messages its raise expressions make."""
