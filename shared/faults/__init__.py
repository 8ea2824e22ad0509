"""What is wrong with what was filed, said for programs and for people."""
