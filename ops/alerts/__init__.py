"""Alerts for operators: listed, shown whole, sent once more, and read before anybody gets them: `ocop alerts`."""
