"""What a root shows of its repositories, channels and module streams: a registry, and one file a format."""
