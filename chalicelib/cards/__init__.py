"""Character files in and out: pure, bounded, and lossless for what they do not know."""
