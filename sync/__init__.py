"""The sync protocol: messages, signing, outbox rules and the engine, the same on phone, server and simulation."""
