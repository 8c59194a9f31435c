"""A trained network as a Kipoi model, with the files that it carries; each stands by itself."""
