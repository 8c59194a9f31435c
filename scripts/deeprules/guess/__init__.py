"""A first configuration for files that were never seen: what they are, and who is what in them.

Everything here is a guess from names and values, and stands in the configuration with a comment
that says so: `make new DIR=... FROM="file file ..."`.
"""
