"""People, roles, units, and what follows from them: who somebody is, and for whom he may act."""
