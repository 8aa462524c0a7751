"""A demonstration: the office that wrote the six SOPs, with one user a role. Absent in production."""
