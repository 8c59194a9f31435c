"""Write the resolved configuration beside the results, without the passwords of its addresses."""

from deeprules.addresses import public_config
from deeprules.logs import start_log
from deeprules.yaml_files import write_yaml

start_log(snakemake.log[0])
write_yaml(snakemake.output.config, public_config(snakemake.params.config))
