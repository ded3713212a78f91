"""The vocabulary: one file an aggregate. docs/glossary.md explains the words."""
