"""The phone's own SQLite file: hand-written SQL, one writer, every money fact durable before the screen says so."""
