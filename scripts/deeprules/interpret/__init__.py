"""What models respond to: of sequences bases and motifs, of tables features."""
