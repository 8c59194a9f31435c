"""Write variants with their effects as VCF."""

from deeprules.files import read_json
from deeprules.logs import start_log
from deeprules.predict.annotated_vcf import write_annotated

log = start_log(snakemake.log[0])
source, is_vcf = snakemake.input, snakemake.params.format == "vcf"
summary = read_json(source.summary)
facts = (summary["header"], summary["chromosomes"], source.files[0] if is_vcf else None)
n = write_annotated(source.effects, snakemake.output.vcf, *facts)
log.info("%s: %d lines with an effect", snakemake.output.vcf, n)
