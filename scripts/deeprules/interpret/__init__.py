"""What a network of sequences responds to: attributions, motifs, and experiments with them."""
