"""User tasks as people meet them: lists, claiming, completing."""
