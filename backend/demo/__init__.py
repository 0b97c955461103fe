"""The demo: half a year of an invented Chinese food distributor, lived through the real services."""
