"""Pages for people: server-rendered, Indonesian first, over the same commands and queries as the API."""
