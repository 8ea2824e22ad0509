"""What the services share: the language they speak, and the machinery under them."""
