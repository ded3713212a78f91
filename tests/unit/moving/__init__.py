"""Reading what somebody brings along."""
