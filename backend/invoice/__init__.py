"""Invoices, credit notes and settlements booked elsewhere."""
