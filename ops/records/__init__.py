"""What the services have on record of a product or a dossier, as operators read it."""
