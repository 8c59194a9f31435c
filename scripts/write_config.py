"""Write the resolved configuration beside the results, without the passwords of its addresses."""

from deeprules.download.addresses import public_config
from deeprules.files import write_yaml
from deeprules.logs import start_log

start_log(snakemake.log[0])
write_yaml(snakemake.output.config, public_config(snakemake.params.config))
