"""A demonstration: one user a role of the office that wrote the six SOPs. Absent in production."""
