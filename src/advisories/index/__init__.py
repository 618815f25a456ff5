"""What a matcher needs of any source of records."""
