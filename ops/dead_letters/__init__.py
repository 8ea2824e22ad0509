"""Dead letters and unrouted messages in the hands of operators: looked at, brought back, discarded."""
