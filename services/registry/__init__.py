"""Registry (sổ đăng ký): owns the product, from the dossier to its code."""

#: The CloudEvents `source` of what the service announces.
SOURCE = "/ocop/registry"
