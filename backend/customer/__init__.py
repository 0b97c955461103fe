"""Customers and who serves them."""
