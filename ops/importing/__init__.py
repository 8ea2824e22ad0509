"""A province's spreadsheets: certified products that there are already come into the register, by `ocop import`."""
