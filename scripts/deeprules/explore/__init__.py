"""Development data before any model: principal components and batch effects."""
