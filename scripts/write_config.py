"""Write the resolved configuration beside the results, without the passwords of its addresses."""

import yaml

from deeprules.download.addresses import public_config
from deeprules.files import whole_file
from deeprules.logs import start_log

start_log(snakemake.log[0])
with whole_file(snakemake.output.config) as unfinished:
    unfinished.write_text(yaml.safe_dump(public_config(snakemake.params.config), sort_keys=False))
