"""Reports on the programme: what there is, what is planned, what runs out, where help lifts most."""
