"""Moving in: what lies in another program's folder or archive, read within bounds."""
