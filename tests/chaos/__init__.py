"""The chaos suite: replies of known text while everything around them dies. `python -m tests.chaos --help`"""
