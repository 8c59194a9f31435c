"""What ends a run while its rules are read: one message, not a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

from snakemake.exceptions import WorkflowError

from deeprules.errors import InputError
from deeprules.last_words import last_words
from deeprules_workflow.configuration import ConfigurationError
from deeprules_workflow.fingerprint import MissingModule


@contextmanager
def plain_words(stage: str) -> Iterator[None]:
    """End the run with the words of an exception, or those of a fault of the workflow.

    Parameters
    ----------
    stage : what is being done
    """
    try:
        yield
    except WorkflowError:
        raise
    except (ConfigurationError, InputError, MissingModule) as error:
        raise WorkflowError(str(error)) from None
    except Exception as error:
        raise WorkflowError(last_words(error, stage)) from None
