"""A model with the hyperparameters that its search chose, as final fits and controls fit it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import Fit, FitFailed, fit, limit_threads
from deeprules.fit.job_inputs import load_needed
from deeprules.fit.models import ChosenHyperparameters, FittedBaseline, FittedNetwork
from deeprules.yaml_files import read_yaml


@dataclass(frozen=True)
class ChosenModel:
    """A model, its chosen hyperparameters, and what its fits may use.

    Attributes
    ----------
    candidate : the model
    best : content of `best.yaml`
    """

    candidate: Candidate
    best: dict
    budget: Budget

    @property
    def facts(self) -> dict:
        """What its rows in a table begin with: {"model", "kind"}."""
        return {"model": self.best["model"], "kind": self.best["kind"]}

    def fingerprint(self, code: str, development: Development) -> str:
        """Name of what is fitted: another one as soon as model, code, budget or data differ.

        `code` stands for the library, the backend and the seeds; a pretrained model or a user's
        tool is part of the data. Threads and memory change none.
        """
        best = self.best
        terms = [best["module"], best["kind"], sorted(best["hyperparameters"].items()), code]
        terms += [replace(self.budget, threads=0, in_memory_mb=0), self.candidate.identity]
        terms += ["alone"] if self.candidate.alone else []
        digest = hashlib.sha256(repr(terms).encode())
        for part in development:
            digest.update(part.identity(*(["group"] if part.dataset.has_group else [])))
        return digest.hexdigest()[:16]

    def fit(
        self,
        development: Development,
        seed: int,
        report_epoch: Callable[[int, dict], None] | None = None,
    ) -> Fit:
        """Fit it once; see `deeprules.fit.fitting.fit`."""
        hp = ChosenHyperparameters(self.best["hyperparameters"])
        return fit(self.candidate, hp, development, seed, self.budget, report_epoch=report_epoch)

    def refit(
        self, development: Development, seed: int, what: str, remedy: str
    ) -> FittedBaseline | FittedNetwork:
        """The model, fitted once on other data than those of its search.

        Parameters
        ----------
        what : the data, for the message of a failure
        remedy : what else helps then, beside restricting the space of the search

        Raises
        ------
        InputError
            If the fit gives no usable model.
        """
        try:
            return self.fit(development, seed).model
        except FitFailed as error:
            raise InputError(
                f"{self.best['model']} could not be fitted on {what}: {error}. Restrict the "
                f"hyperparameter that makes it unstable under `models: space`, or {remedy}."
            ) from error


def open_chosen(job) -> ChosenModel:
    """The chosen model of a job's `best.yaml`, with the threads of this process limited for it.

    Parameters
    ----------
    job : the `snakemake` of a script, with the input `best`, what the model needs (see
        `load_needed`) and the parameters `max_epochs`, `patience` and `in_memory_mb`
    """
    best = read_yaml(job.input.best)
    limit_threads(best["kind"], job.threads)
    params = job.params
    budget = Budget(params.max_epochs, params.patience, job.threads, params.in_memory_mb)
    return ChosenModel(Candidate.of(best["model"], best, load_needed(job.input)), best, budget)
