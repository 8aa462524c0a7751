"""The queue of what is to be done outside a transaction, and the outbox; it knows kinds of jobs, and no domain."""
