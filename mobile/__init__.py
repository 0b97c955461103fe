"""The phone app: what a salesperson carries, working with the server gone."""
