"""What differs between a phone, a desktop and the web: behind small ports."""
