"""The trail: every act, append-only, chained by hashes; one row is audit, event feed and outbox at once."""
