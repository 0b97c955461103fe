"""The rows that phones read: one module a kind, each saying whose a record is and what it looks like now."""
