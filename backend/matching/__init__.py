"""Bank lines held against expected money."""
