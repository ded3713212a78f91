"""What else touches the world: queue, sockets, secrets, clock."""
