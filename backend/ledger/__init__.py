"""Double-entry postings behind every money fact."""
