"""`ocop trace`: one story across all services, from the journal, the services' records and the dead letters."""
