"""From the files of all sources to one data set: a table of examples and an array of features."""
