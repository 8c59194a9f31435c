"""Controls of the chosen models: shuffled labels, growing train, ladder, batches left out."""
