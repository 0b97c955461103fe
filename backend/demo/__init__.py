"""A believable distributor made by the real services."""
