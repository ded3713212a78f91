"""The doors: REST, socket, queue and clock. The only floor that knows Chalice."""
