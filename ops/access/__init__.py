"""Who may do what on the broker and in the database, with which password; made into the files of `deploy/`."""
