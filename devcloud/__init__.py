"""The cloud on a laptop: what AWS does for the deployed product, done by local processes. `python -m devcloud`."""
