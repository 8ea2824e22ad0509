"""A day of the country: the busiest day of the programme on paper, played in fast time on the real services."""
