"""The company's settings and secrets."""
