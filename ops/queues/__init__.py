"""The queues as operators see them: what waits, what moves, and what is unusual."""
