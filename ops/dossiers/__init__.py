"""Dossiers as files: checked and scored on the spot, or filed."""
