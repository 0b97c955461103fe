"""Decisions on collections and voids."""
