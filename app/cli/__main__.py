"""`python -m app.cli`: the command of this very installation, whatever `alur` is on the path."""

from app.cli import main

main()
