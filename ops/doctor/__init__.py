"""`ocop doctor`: is the installation as it should be, and what is to be done where it is not."""
