"""Pages for a browser: the reports, the list of products and each product's life, read-only: `ocop report serve`."""
