"""The smallest thing that a network must be able to do: learn one batch by heart.

A network that cannot has a fault in its inputs, its loss or its layers, which no search mends
(Karpathy 2019, "A recipe for training neural networks").
"""

import time

import keras
import numpy as np

from deeprules.arithmetic import start_fit, uses_xla
from deeprules.data import Partition
from deeprules.errors import InputError
from deeprules.files import finite_or_none
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import stratified_share
from deeprules.fit.losses import targets_of
from deeprules.fit.models import FittedNetwork, in_memory
from deeprules.fit.target_scale import TargetScale
from deeprules.fit.training import RepeatedBatch, compile_network, trace_once

EXAMPLES, FEWEST = 32, 8
STEPS = 600
STEPS_AT_A_TIME = 50
CLOSEST = 1e-12, 1 - 1e-12
"""What probabilities are kept within before their logarithm is taken."""
NEAR_ZERO = 0.05
"""Share of the loss of the best constant prediction that counts as learnt by heart."""


def overfit_one_batch(candidate: Candidate, hp, train: Partition, seed: int) -> dict:
    """Train a network on one batch of `train` until it knows it by heart, for 600 steps at most.

    Parameters
    ----------
    hp : hyperparameters; a `keras_tuner.HyperParameters` gives every default

    Returns
    -------
    {"examples", "steps", "loss", "constant_loss", "passed", "seconds_per_step"}: the mean loss of
    the predictions after `steps`, and that of the best constant prediction.
    """
    start_fit(seed)
    inputs = candidate.inputs(train)
    batch = inputs.given(one_batch(train, seed))
    model, _ = compile_network(candidate, hp, batch)
    if hasattr(candidate.module, "unfreeze"):
        candidate.module.unfreeze(model, hp)
        model.compile(optimizer=model.optimizer, loss=model.loss, jit_compile=uses_xla())
    trace_once(model)
    read = in_memory(inputs.read(batch.features, batch.examples))
    if not train.dataset.is_classification:
        batch = TargetScale.of(batch.labels, batch.dataset.are_classes).standardised(batch)
    targets, _ = targets_of(batch, batch)
    whole = keras.Model(model.input, model.output, name=train.dataset.task)
    network = FittedNetwork(whole, inputs=inputs)
    batches = RepeatedBatch((read, targets), STEPS_AT_A_TIME)
    constant, loss, seconds = _constant_loss(batch), np.inf, []
    steps = 0
    while steps < STEPS and not loss <= NEAR_ZERO * constant:
        started = time.monotonic()
        model.fit(batches, verbose=0)
        seconds.append((time.monotonic() - started) / STEPS_AT_A_TIME)
        steps += STEPS_AT_A_TIME
        loss = _loss(batch, targets, network.predict(batch.features, batch.examples))
    return {
        "examples": len(batch),
        "steps": steps,
        "loss": finite_or_none(loss),
        "constant_loss": float(constant),
        "passed": bool(loss <= NEAR_ZERO * constant),
        # The first round holds the compilation.
        "seconds_per_step": float(np.min(seconds)),
    }


def one_batch(train: Partition, seed: int) -> Partition:
    """Some 32 examples of different content, in the classes' proportion."""
    if train.dataset.has_several_labels:
        return _batch_of_labels(train, seed)
    different = np.sort(train.examples.drop_duplicates("content_hash").index.to_numpy())
    part = train.subset(different)
    return stratified_share(part, EXAMPLES / len(part), seed)


def require_learnt(model: str, result: dict) -> None:
    """Stop the run if a network could not learn one batch; `result` is of `overfit_one_batch`."""
    if result["passed"]:
        return
    reached = "was not finite" if result["loss"] is None else f"was {result['loss']:.3g}"
    raise InputError(
        f"The network {model} cannot learn one batch of {result['examples']} examples by heart: "
        f"after {result['steps']} steps its loss {reached}, and a constant prediction has "
        f"{result['constant_loss']:.3g}. No search can mend that. Look at: its inputs (does what "
        f"tells the classes apart reach the first layer?), the last layer and the loss, the "
        f"learning rate, and what `models: {model}: space` fixes (strong dropout or L2, a width "
        "of few units)."
    )


def _constant_loss(batch):
    """Loss of predicting the class shares, or the mean."""
    if batch.dataset.has_several_labels:
        shares = np.nanmean(batch.labels, axis=0)
        return _of_each(batch, np.broadcast_to(shares, batch.labels.shape))
    if not batch.dataset.is_classification:
        return 1.0
    shares = np.bincount(batch.labels) / len(batch)
    return -np.log(shares[batch.labels]).mean()


def _loss(batch, targets, predictions):
    """Mean cross-entropy, or mean squared error of standardised targets."""
    if batch.dataset.has_several_labels:
        return _of_each(batch, predictions)
    if not batch.dataset.is_classification:
        return np.mean((batch.labels - predictions) ** 2)
    probability = predictions[np.arange(len(targets)), targets]
    return -np.log(np.maximum(probability, 1e-12)).mean()


def _of_each(batch, predictions):
    """Mean cross-entropy, or of values squared error, of the labels that are known."""
    labels, are_classes = batch.labels, batch.dataset.are_classes
    true = np.where(labels == 1, predictions, 1 - predictions).clip(*CLOSEST)
    errors = np.where(are_classes, -np.log(true), (labels - predictions) ** 2)
    return errors[np.isfinite(labels)].mean()


def _batch_of_labels(train, seed):
    """Examples of different content, those first of which the most labels are known.

    There are the fewer the more labels they have, but eight, as each label is to be learnt.
    """
    size = max(FEWEST, EXAMPLES // len(train.dataset.labels))
    order = np.random.default_rng(seed).permutation(len(train))
    known = np.isfinite(train.labels[order]).sum(axis=1)
    order = order[np.argsort(-known, kind="stable")]
    first = ~train.examples["content_hash"].iloc[order].duplicated().to_numpy()
    return train.subset(np.sort(order[first][:size]))
