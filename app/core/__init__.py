"""What every room stands on: database, unit of work, problems, events, settings, HTTP, logging, clock."""
