"""Customers and invoices from the company's files."""
