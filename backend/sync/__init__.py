"""The server's half of the protocol: devices, operations, feed."""
