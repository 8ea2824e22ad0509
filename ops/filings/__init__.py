"""What `ocop submit` and `ocop import` share: batches of filings, how they are filed and followed to their answers."""
