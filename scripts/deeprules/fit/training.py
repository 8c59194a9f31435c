"""Training of networks: one optimizer space, one stopping rule, one way to read the data."""

from collections.abc import Callable

import keras
import numpy as np
import pandas as pd

from deeprules.arithmetic import start_fit, uses_xla
from deeprules.data import Development, Partition
from deeprules.feature_store import dense, is_sparse
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.compiled_networks import any_kept, compiled
from deeprules.fit.losses import class_weights, loss_of, targets_of, weighting_of
from deeprules.fit.models import FittedNetwork, in_memory
from deeprules.fit.target_scale import TargetScale

EVALUATION_BATCH = 512
"""Examples in a batch where only the loss is computed."""


class StreamedBatches(keras.utils.PyDataset):
    """Batches of a partition read from its memory map, in a new random order each epoch.

    `inputs` is an array, or a tuple of several; sparse rows are made dense a batch at a time.
    """

    def __init__(self, inputs, targets, batch_size: int, seed: int, weights):
        super().__init__()
        self.inputs, self.targets, self.batch_size = inputs, targets, batch_size
        self.weights = weights
        self.generator = np.random.default_rng(seed)
        self.on_epoch_end()

    def on_epoch_end(self):
        self.order = self.generator.permutation(len(self.targets))

    def __len__(self):
        return -(-len(self.targets) // self.batch_size)

    def __getitem__(self, index):
        rows = np.sort(self.order[index * self.batch_size : (index + 1) * self.batch_size])
        several = isinstance(self.inputs, tuple)
        read = (
            tuple(dense(one[rows]) for one in self.inputs) if several else dense(self.inputs[rows])
        )
        return read, self.targets[rows], self.weights[rows]


class RepeatedBatch(keras.utils.PyDataset):
    """The same batch `steps` times an epoch."""

    def __init__(self, batch: tuple, steps: int):
        super().__init__()
        self.batch, self.steps = batch, steps

    def __len__(self):
        return self.steps

    def __getitem__(self, index):
        return self.batch


def build_optimizer(hp) -> keras.optimizers.Optimizer:
    """Adam, AdamW or SGD with Nesterov momentum, with its learning rate, as hyperparameters."""
    name = hp.Choice("optimizer", ["adam", "adamw", "sgd"])
    if name == "sgd":
        with hp.conditional_scope("optimizer", ["sgd"]):
            rate = hp.Float("sgd_learning_rate", 3e-3, 1e-1, sampling="log", default=1e-2)
            return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
    with hp.conditional_scope("optimizer", ["adam", "adamw"]):
        rate = hp.Float("learning_rate", 3e-4, 1e-2, sampling="log", default=2e-3)
    if name == "adam":
        return keras.optimizers.Adam(rate)
    with hp.conditional_scope("optimizer", ["adamw"]):
        return keras.optimizers.AdamW(
            rate, weight_decay=hp.Float("weight_decay", 1e-5, 1e-1, sampling="log", default=4e-3)
        )


def compile_network(candidate: Candidate, hp, train: Partition) -> tuple[keras.Model, int]:
    """Build a network, give it the loss of its task and an optimizer; also the batch size.

    Of one that is trained for each label alone, that is the network of a single one, a value if
    there is one: it has all hyperparameters.
    """
    if candidate.alone:
        train = train.of_label(int(train.dataset.are_classes.argmin()))
    model = candidate.build(hp, train)
    _compile(model, hp, train.dataset.task)
    weighting_of(hp, train)
    return model, hp.Choice("batch_size", [32, 64, 128, 256], default=64)


def _compile(model, hp, task, factor=1.0):
    """Give a network its loss and an optimizer, with the learning rate multiplied by `factor`."""
    optimizer = build_optimizer(hp)
    optimizer.learning_rate = float(optimizer.learning_rate) * factor
    model.compile(optimizer=optimizer, loss=loss_of(hp, task), jit_compile=uses_xla())


def trace_once(model: keras.Model) -> None:
    """Make the optimizer's variables: a step that makes them in its trace is traced once more."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)


def build_loss(model: keras.Model, targets: np.ndarray) -> None:
    """Let the loss know the shape of targets (N, ...).

    Else, on JAX and PyTorch, Keras draws a batch to learn it, and with it the order of an epoch:
    a network that is trained again, and knows it, would see its examples in another order.
    """
    model.compute_loss(y=targets[:1], y_pred=keras.ops.zeros((1, *model.output_shape[1:])))


def train_network(
    candidate: Candidate,
    hp,
    development: Development,
    seed: int,
    budget: Budget,
    report_epoch: Callable[[int, dict], None] | None = None,
    target: TargetScale = TargetScale(),  # noqa: B008 (it is frozen)
) -> tuple[FittedNetwork, pd.DataFrame, dict]:
    """Train a network on train until the loss on tune has not fallen for `patience` epochs.

    A module with a function `unfreeze(model, hp)` has its network trained in two stages that share
    the epochs: with the layers that `build` left trainable, then, with the optimizer slowed by the
    factor that `unfreeze` returns, with those that it made trainable.

    Returns the network with the weights of its best epoch, a table with a row an epoch (epoch,
    loss, val_loss) and every setting of the training. A loss that is not finite ends training;
    the table then shows it. The network of a regression is trained on labels in standard units, and
    its last layer turns them into those of `target`.
    """
    start_fit(seed, keeps_kernels=any_kept())
    (train, tune), module = development, candidate.module
    inputs = candidate.inputs(train)
    fresh, batch_size = compile_network(candidate, hp, train)
    unfreezes = hasattr(module, "unfreeze") and budget.max_epochs > 1
    network = compiled(fresh, once=unfreezes)
    model = network.model
    weighting = weighting_of(hp, train)
    settings = training_settings(model, batch_size, train, seed, budget, weighting)
    data, validation = (
        _weighted(part, inputs, train, weighting, *rest, budget)
        for part, *rest in ((train, batch_size, seed), (tune, EVALUATION_BATCH, 0))
    )
    first = budget.max_epochs // 2 if unfreezes else budget.max_epochs
    history = _train(model, data, validation, first, pd.DataFrame(), budget.patience, report_epoch)
    if unfreezes:
        _compile(model, hp, train.dataset.task, module.unfreeze(model, hp))
        rest = budget.max_epochs - first
        history = _train(model, data, validation, rest, history, budget.patience, report_epoch)

    def predictor() -> keras.Model:
        is_class = train.dataset.is_classification
        outputs = model.output if is_class else _restored(model.output, target)
        return keras.Model(model.input, outputs, name=train.dataset.task)

    fitted = network.fitted((train.dataset.task, target), predictor, candidate.source, inputs)
    return fitted, history, settings


def _restored(outputs, target):
    """Outputs in standard units as values of the labels.

    With 32 bits a large offset would swallow the differences between examples. Keras reads a
    layer's numbers with 32 bits, so that it takes two to add such an offset.
    """
    location = np.asarray(target.location)
    high = location.astype(np.float32).astype(np.float64)
    low, high = (location - high).tolist(), high.tolist()
    scale = np.asarray(target.scale).tolist()
    scaled = keras.layers.Rescaling(scale, low, dtype="float64")(outputs)
    return keras.layers.Rescaling(1.0, high, dtype="float64")(scaled)


def _train(model, data, validation, epochs, before, patience, report_epoch):
    """One stage of training, after the epochs in `before`; returns the table of all epochs.

    The model ends with the weights of the best epoch, be it of this stage or of an earlier one.
    """
    reached = before["val_loss"].min() if len(before) else np.inf
    weights = model.get_weights()
    callbacks = [
        keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True),
        keras.callbacks.TerminateOnNaN(),
    ]
    trace_once(model)
    build_loss(model, data["y"] if "y" in data else data["x"].targets)
    if report_epoch:
        callbacks.append(keras.callbacks.LambdaCallback(on_epoch_end=report_epoch))
    history = model.fit(
        **data,
        validation_data=tuple(validation[name] for name in ("x", "y", "sample_weight"))
        if "y" in validation
        else validation["x"],
        steps_per_epoch=_steps(data),
        initial_epoch=len(before),
        epochs=len(before) + epochs,
        callbacks=callbacks,
        verbose=0,
    ).history
    table = pd.DataFrame(history)
    table.insert(0, "epoch", np.arange(len(before), len(before) + len(table)) + 1)
    if not table["val_loss"].min() < reached:
        model.set_weights(weights)
    return pd.concat([before, table], ignore_index=True)


def _steps(data: dict) -> int | None:
    """Batches of an epoch of arrays; None where they are streamed.

    Untold, Keras begins each epoch twice, which takes as long as some steps of a small network.
    """
    return -(-len(data["y"]) // data["batch_size"]) if "y" in data else None


def training_settings(model, batch_size, train, seed, budget, weighting="equal") -> dict:
    """Everything that training depends on beside the data and the architecture."""
    # With numbers of 16 bits, Keras wraps the optimizer in one that scales the loss.
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    weights = class_weights(train, weighting)
    return {
        "loss": getattr(model.loss, "__name__", model.loss),
        "optimizer": {
            name: value if isinstance(value, str | bool | int | None) else float(value)
            for name, value in optimizer.get_config().items()
        },
        "batch_size": batch_size,
        "max_epochs": budget.max_epochs,
        "early_stopping": {
            "monitor": "loss on tune",
            "patience": budget.patience,
            "weights": "of the best epoch",
        },
        "class_weights": None
        if weights is None
        else dict(zip(train.dataset.outputs, weights.tolist(), strict=True)),
        "parameters": model.count_params(),
        "backend": keras.backend.backend(),
        "xla": bool(model.jit_compile),
        "precision": keras.config.dtype_policy().name,
        "seed": seed,
    }


def _weighted(part, inputs, train, weighting, batch_size, seed, budget):
    """Arguments of `keras.Model.fit` for a partition, in memory where it fits, else streamed.

    Sparse rows are streamed, whatever their size.
    """
    targets, sample_weight = targets_of(part, train, weighting)
    read = inputs.read(part.features, part.examples)
    if is_sparse(part.features) or part.features.nbytes > budget.in_memory_mb * 1e6:
        return {"x": StreamedBatches(read, targets, batch_size, seed, sample_weight)}
    kept = {"y": targets, "sample_weight": sample_weight, "batch_size": batch_size}
    return {"x": in_memory(read), **kept}
