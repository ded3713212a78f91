"""SillyTavern itself opens what we export: `make peers`. Not part of `make test`: it installs 300 MB from npm."""
