"""A small real Artifortress to practise on: processes, a database, a Makefile, and ways to go wrong."""
