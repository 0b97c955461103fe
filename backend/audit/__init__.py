"""The tamper-evident log of every write."""
