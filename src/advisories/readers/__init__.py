"""From documents to nouns: feeds, package lists and statements. One format a file."""
