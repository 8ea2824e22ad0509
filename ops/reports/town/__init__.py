"""`ocop report town`: a place's programme on one page, as an office shows it at its meeting."""
