"""What the product does; one class a room, named as a plural noun."""
