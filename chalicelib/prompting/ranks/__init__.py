"""The rank files of the tokenizers, as data. README.md beside this file says where they come from."""
