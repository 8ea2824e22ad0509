"""How a message is handled: decided, recorded, announced, settled; held, retried or kept as a dead letter."""
