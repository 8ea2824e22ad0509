"""Evaluation: owns the rating, from the score sheet to the stars and the way to the next."""

#: The CloudEvents `source` of what the service announces.
SOURCE = "/ocop/evaluation"
