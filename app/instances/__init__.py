"""The aggregate: a process instance with its user tasks and waits, moved only by `apply_step`."""
