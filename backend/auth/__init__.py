"""Sign-in, people and their tokens."""
