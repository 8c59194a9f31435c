"""While rules are read, an exception ends the run with one message."""

import pytest
from snakemake.exceptions import WorkflowError

from deeprules_workflow.configuration import ConfigurationError
from deeprules_workflow.fingerprint import MissingModule
from deeprules_workflow.plain_words import plain_words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConfigurationError("the configuration", ["seed: is required"]), "seed: is required"),
        (MissingModule("fit.py", "deeprules.absent"), r"scripts/fit\.py imports deeprules\.absent"),
        (
            KeyError("x"),
            r"reading: KeyError: 'x'\. This is a fault of the workflow, at .*test_plain",
        ),
        (PermissionError(13, "Permission denied", "a.yaml"), r"a\.yaml may not be read or written"),
        (WorkflowError("as it is"), "as it is"),
    ],
)
def test_each_exception_becomes_one_message(error, words):
    with pytest.raises(WorkflowError, match=words), plain_words("reading"):
        raise error
