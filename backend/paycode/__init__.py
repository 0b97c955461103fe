"""Payment codes on the server: the command line over ``shared.paycode``."""
