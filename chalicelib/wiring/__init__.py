"""The wiring of the container, cut by area: each area knows those below it, the container is the top of the row."""
