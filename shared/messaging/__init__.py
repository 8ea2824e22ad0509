"""The broker: its topology, publishing, consuming, retries and dead letters."""
