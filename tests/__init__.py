"""What the product promises, as sentences that run. tests/support builds the worlds they run in."""
