"""What happened to a dossier or a product: the journal's events, the services' records, and the dead letters.

`ocop trace`, `journal`, `product`, `rating`, `alert` show it; `ocop refile` files again what the journal has.
"""
