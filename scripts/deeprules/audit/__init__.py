"""What is wrong with a data set, before anything is split or learnt from it."""
