"""Language models behind one Protocol, a module an API."""
