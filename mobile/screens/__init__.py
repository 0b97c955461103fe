"""One file a screen; each reads the store and never the network."""
