"""Training of a network with differential privacy: DP-SGD of jax-privacy, on Keras's JAX backend.

Abadi et al. 2016 (doi:10.1145/2976749.2978318): the gradient of each example is clipped, noise is
added to their sum, and each step takes every example with the same chance (Poisson sampling). All
that a fit learns of train goes through this: no step stops early or is chosen by a score, and no
layer holds a number of the data. The noise of a fit must be unknown, so that its random numbers,
unlike those of other fits, come from the operating system and are recorded nowhere.
"""

import functools
import secrets
import tempfile
from collections.abc import Callable

import keras
import numpy as np
import pandas as pd

from deeprules.arithmetic import start_fit
from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.models import FittedNetwork
from deeprules.fit.training import EVALUATION_BATCH, compile_network, training_settings

CLIPPING_NORM = 1.0
"""Largest norm of an example's gradient, before all are rescaled to a norm of 1."""


def train_privately(
    candidate: Candidate,
    hp,
    development: Development,
    seed: int,
    budget: Budget,
    report_epoch: Callable[[int, dict], None] | None = None,
) -> tuple[FittedNetwork, pd.DataFrame, dict]:
    """Train a network of classes for all epochs of the budget, with differential privacy.

    The unit is one example more or less in train. Classes have no weights, which would be of train.

    Returns
    -------
    The network after the last epoch, a row an epoch (epoch, loss, val_loss), and every setting of
    the training, with what it promises and how as `privacy`.

    Raises
    ------
    InputError
        If train is too small, or a layer is of a kind that the guarantee does not hold with.
    """
    from jax_privacy.keras_api import make_private

    train, tune = development
    _share_compiled()
    start_fit(seed)
    # What jax-privacy has trained has variables more and does not load: its weights are copied.
    (kept, _), (trained, batch_size) = (compile_network(candidate, hp, train) for _ in range(2))
    require_private_layers(trained, candidate.name)
    require_size(len(train), batch_size, candidate.private["delta"])
    promise = _promise(candidate.private, len(train), batch_size, budget.max_epochs)
    settings = training_settings(trained, batch_size, train, seed, budget)
    settings |= {"class_weights": None, "early_stopping": None, "privacy": promise}
    trained.set_weights(kept.get_weights())
    make_private(trained, _keras_config(promise, len(train), batch_size))
    _draw_key(trained)
    callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=report_epoch)] if report_epoch else []
    x, y, tune_x = np.asarray(train.features), train.labels, np.asarray(tune.features)
    history = trained.fit(
        x,
        y,
        batch_size=batch_size,
        epochs=budget.max_epochs,
        validation_data=(tune_x, tune.labels),
        validation_batch_size=EVALUATION_BATCH,
        callbacks=[keras.callbacks.TerminateOnNaN(), *callbacks],
        verbose=0,
    ).history
    kept.set_weights([one.numpy() for one in trained.trainable_variables])
    table = pd.DataFrame({name: history[name] for name in ("loss", "val_loss")})
    table.insert(0, "epoch", np.arange(len(table)) + 1)
    model = keras.Model(kept.input, kept.output, name=train.dataset.task)
    return FittedNetwork(model, candidate.source, candidate.inputs(train)), table, settings


@functools.cache
def _share_compiled() -> tempfile.TemporaryDirectory:
    """Let fits of this process share what XLA compiles, which takes longer than most fits."""
    import jax

    folder = tempfile.TemporaryDirectory(prefix="deeprules-xla-")
    jax.config.update("jax_compilation_cache_dir", folder.name)
    return folder


def _promise(private: dict, n: int, batch_size: int, epochs: int) -> dict:
    """What is promised, and the noise that keeps it."""
    steps = n // batch_size * epochs
    noise = noise_multiplier(*private.values(), n, batch_size, steps)
    facts = {"noise_multiplier": noise, "clipping_norm": CLIPPING_NORM, "steps": steps}
    return {**private, **facts, "sampling_probability": batch_size / n}


def _keras_config(promise: dict, n: int, batch_size: int):
    """The settings of jax-privacy for one fit."""
    from jax_privacy.keras_api import DPKerasConfig

    return DPKerasConfig(
        epsilon=promise["epsilon"],
        delta=promise["delta"],
        clipping_norm=promise["clipping_norm"],
        batch_size=batch_size,
        gradient_accumulation_steps=1,
        train_steps=promise["steps"],
        train_size=n,
        poisson_sampling_in_fit=True,
        noise_multiplier=promise["noise_multiplier"],
        microbatch_size=batch_size,
        # Without it, the package draws one from NumPy's generator, whose seed is recorded.
        seed=secrets.randbits(63),
    )


def _draw_key(model: keras.Model) -> None:
    """Give the noise a key of 64 bits; that of the seed is cut to 32, which could be tried out."""
    (key,) = (one for one in model.non_trainable_variables if one.name == "_rng")
    key.assign(np.frombuffer(secrets.token_bytes(8), dtype=np.uint32))


@functools.cache
def noise_multiplier(
    epsilon: float, delta: float, fits: int, n: int, batch_size: int, steps: int
) -> float:
    """Standard deviation of the noise, in clipping norms, for `steps` steps of each of `fits` fits.

    All fits count together, as whoever has the released model has all of them.
    """
    from jax_privacy.accounting import accountants, analysis, calibrate

    accountant = analysis.DpsgdTrainingAccountant(
        dp_accountant_config=accountants.PldAccountantConfig(value_discretization_interval=1e-3)
    )
    return float(
        calibrate.calibrate_noise_multiplier(
            target_epsilon=epsilon,
            target_delta=delta,
            accountant=accountant,
            batch_sizes=batch_size,
            num_updates=steps * fits,
            num_samples=n,
        )
    )


def require_size(n: int, batch_size: int, delta: float) -> None:
    """Check that there are examples enough.

    Raises
    ------
    InputError
        If a step would take more than all, or delta allows one example to be given away.
    """
    if n < batch_size:
        raise InputError(
            f"Train has {n:,} examples, fewer than `batch_size` ({batch_size}): name a smaller one "
            "under `models: space`."
        )
    if delta >= 1 / n:
        raise InputError(
            f"privacy.delta in the config: {delta:g} is not below 1 in {n:,}, the examples that a "
            "fit is made on: one of them could be given away whole and the promise be kept. Make "
            "it smaller, a tenth of that or less."
        )


def require_private_layers(model: keras.Model, name: str) -> None:
    """Check that nothing but trained weights is in a network.

    Statistics of batch normalisation and numbers taken from train go past the noise. The state of
    random layers (dropout, augmentation) is not carried on from step to step by jax-privacy, so
    that they would do the same in each.

    Raises
    ------
    InputError
        Naming the layers.
    """
    layers = {
        layer.name: type(layer).__name__
        for layer in model._flatten_layers(include_self=False)
        if not getattr(layer, "layers", None) and layer.non_trainable_variables
    }
    if layers:
        named = ", ".join(dict.fromkeys(layers.values()))
        raise InputError(
            f"{name} cannot be trained with differential privacy: it has "
            f"layers that hold more than trained weights ({named}). Switch them off under `models: "
            "space` (such as `batch_normalisation: false`, `dropout: 0`), or take another network."
        )
