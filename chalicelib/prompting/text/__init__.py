"""Pure: text completion. Templates and the texts of a scene in; one text, and where it stops, out."""
