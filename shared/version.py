"""Which OCOP this is."""

#: As pyproject.toml has it, which does not come along into the image.
VERSION = "0.1.0"
