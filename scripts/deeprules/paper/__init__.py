"""The paper kit: what an author needs of a finished run, made from its files alone."""
