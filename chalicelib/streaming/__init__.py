"""Pure: deltas in, frames out."""
