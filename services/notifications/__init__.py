"""Notifications: owns the alert: who is alerted of what, in which language, and whether it arrived."""

#: The CloudEvents `source` of what the service announces.
SOURCE = "/ocop/notifications"
