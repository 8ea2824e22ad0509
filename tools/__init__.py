"""What developers run: the local stack, the demo, and what is published of the events."""
