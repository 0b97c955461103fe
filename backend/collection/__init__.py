"""Payments taken from customers."""
