"""How the product gets to AWS."""
