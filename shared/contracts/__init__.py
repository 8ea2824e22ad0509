"""The language of the services: the events, one file a subject, and their envelope."""
