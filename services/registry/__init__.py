"""Registry (sổ đăng ký): owns the product, from the dossier to its code."""
