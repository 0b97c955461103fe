"""The server: API, console, commands and jobs around the rules in shared."""
