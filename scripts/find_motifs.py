"""Find motifs among the attributions of a network, and the known motifs that they look like."""

import pandas as pd

from deeprules.files import write_json, write_table
from deeprules.interpret.attribution_files import read_attributions
from deeprules.interpret.discovery import find_all_motifs, keep_compiled, match_motifs
from deeprules.interpret.known_motifs import load_known_motifs
from deeprules.interpret.logos import draw_logo
from deeprules.interpret.motif import write_motifs
from deeprules.logs import start_log

keep_compiled(snakemake.threads)
log = start_log(snakemake.log[0])
output = snakemake.output
known = load_known_motifs(snakemake.input.get("known"), snakemake.params.compares)
codes, *hypothetical = read_attributions(snakemake.input.attributions)
motifs, null_motifs = find_all_motifs(codes, *hypothetical)
log.info("%d motifs, and %d on shuffled labels.", len(motifs), len(null_motifs))
write_motifs(output.motifs, motifs, null_motifs, known.source)
matches = [match_motifs(one, known, codes) for one in (motifs, null_motifs)]
write_table(output.matches, pd.concat(matches, ignore_index=True))
write_json(output.logos, {motif.name: draw_logo(motif) for motif in motifs})
