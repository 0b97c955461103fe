"""One file per statement format: identify and extract."""
