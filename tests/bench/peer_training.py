"""One program a peer: the same network, trained on the same sequences; prints what epochs cost.

`python peer_training.py PROGRAM FOLDER EPOCHS`, by an interpreter that has the peer's packages.
The folder holds sequences.npz (codes (N, L) uint8 of A, C, G, T; labels (N,) of 0 and 1; how many
of them, the first, are train); the others are tune. Each trainer is used as its documentation
says, in one process with one thread, without augmentation, with a validation after each epoch.
The output's last line is a JSON list: core seconds of this process, and seconds of the clock, at
the end of each epoch.

The network: 64 filters of 19, pooling by 4, 64 filters of 11, global maximum, 64 units.
"""

import json
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
os.environ.update(dict.fromkeys(THREADS, "1"), TF_CPP_MIN_LOG_LEVEL="3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np  # noqa: E402

BATCH = 128
RATE = 1e-3
LETTERS = np.array(list("ACGT"))

ended: list[tuple[float, float]] = []
"""Core seconds of this process and seconds of the clock at the end of each epoch."""


def epoch_ended(*_) -> None:
    """To be called at the end of each epoch."""
    ended.append((time.process_time(), time.perf_counter()))


def layers() -> list:
    """Layers of the network in Keras."""
    import keras

    return [
        keras.layers.Conv1D(64, 19, padding="same", activation="relu"),
        keras.layers.MaxPooling1D(4),
        keras.layers.Conv1D(64, 11, padding="same", activation="relu"),
        keras.layers.GlobalMaxPooling1D(),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]


def keras_network(length: int):
    """The network in Keras on one-hot bases (batch, L, 4)."""
    import keras

    return keras.Sequential([keras.Input((length, 4)), *layers()])


def torch_layers() -> list:
    """Layers of the network in PyTorch, without the last, on (batch, 4, L)."""
    from torch import nn

    return [
        nn.Conv1d(4, 64, 19, padding="same"), nn.ReLU(), nn.MaxPool1d(4),
        nn.Conv1d(64, 64, 11, padding="same"), nn.ReLU(), nn.AdaptiveMaxPool1d(1),
        nn.Flatten(), nn.Linear(64, 64), nn.ReLU(),
    ]  # fmt: skip


def one_hot(codes) -> np.ndarray:
    """One-hot bases (N, L, 4), float32."""
    return np.eye(4, dtype=np.float32)[codes]


def deeprules(data, folder: Path, epochs: int) -> None:
    """`train_network`, as a final fit calls it."""
    scripts, tests = Path(__file__).parents[2] / "scripts", Path(__file__).parents[1]
    sys.path[:0] = [str(scripts), str(tests)]
    import keras
    import pandas as pd
    from partitions import make_dataset, write_partition

    from deeprules.data import Development
    from deeprules.fit.blocks import OneHotBases
    from deeprules.fit.budget import Budget
    from deeprules.fit.candidates import Candidate
    from deeprules.fit.models import ChosenHyperparameters
    from deeprules.fit.training import train_network

    def build(hp, train):
        codes = keras.Input((train.dataset.n_features,), dtype="uint8", name="codes")
        outputs = keras.Sequential(layers())(OneHotBases()(codes))
        return keras.Model(codes, outputs)

    module = SimpleNamespace(build=build, MODALITIES=("sequence",), TASKS=("binary",))
    dataset = make_dataset(n_features=data.train[0].shape[1])
    parts = [
        write_partition(
            folder / name, dataset, codes, pd.DataFrame({"label": np.array(["no", "yes"])[labels]})
        )
        for name, (codes, labels) in (("train", data.train), ("tune", data.tune))
    ]
    hp = ChosenHyperparameters(
        {"optimizer": "adam", "learning_rate": RATE, "batch_size": BATCH, "weight_decay": 0.0}
    )
    train_network(
        Candidate("peer", "network", module), hp, Development(*parts), 1,
        Budget(epochs, epochs), epoch_ended,
    )  # fmt: skip


def bare_keras(data, folder: Path, epochs: int) -> None:
    """`keras.Model.fit` on one-hot bases in memory."""
    import keras

    model = keras_network(data.train[0].shape[1])
    model.compile(keras.optimizers.Adam(RATE), "binary_crossentropy")
    model.fit(
        one_hot(data.train[0]), data.train[1], BATCH, epochs, verbose=0,
        validation_data=(one_hot(data.tune[0]), data.tune[1]),
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=epoch_ended)],
    )  # fmt: skip


def jitted_step(data, folder: Path, epochs: int) -> None:
    """A loop and a step by hand, compiled by XLA, on one-hot bases in memory."""
    import keras
    import tensorflow as tf

    model = keras_network(data.train[0].shape[1])
    optimizer, loss = keras.optimizers.Adam(RATE), keras.losses.BinaryCrossentropy()
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=True)
    def step(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))

    @tf.function(jit_compile=True)
    def evaluate(x, y):
        return loss(y, model(x))

    (x, y), (tune_x, tune_y) = (
        (one_hot(codes), labels[:, None].astype(np.float32))
        for codes, labels in (data.train, data.tune)
    )
    rng = np.random.default_rng(1)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH):
            rows = order[start : start + BATCH]
            step(x[rows], y[rows])
        evaluate(tune_x, tune_y)
        epoch_ended()


def jitted_step_of_jax(data, folder: Path, epochs: int) -> None:
    """The network, Adam, a loop and a step by hand in JAX, with all sequences on the device."""
    import jax
    import jax.numpy as jnp

    def convolution(x, weights, bias):
        layout = ("NWC", "WIO", "NWC")
        out = jax.lax.conv_general_dilated(x, weights, (1,), "SAME", dimension_numbers=layout)
        return jax.nn.relu(out + bias)

    def loss(weights, codes, labels):
        first, second, hidden, last = weights
        x = convolution(jax.nn.one_hot(codes, 4), *first)
        x = x[:, : x.shape[1] // 4 * 4].reshape(len(x), -1, 4, x.shape[-1]).max(2)
        x = convolution(x, *second).max(1)
        x = jax.nn.relu(x @ hidden[0] + hidden[1])
        logits = (x @ last[0] + last[1])[:, 0]
        return jnp.mean(jax.nn.softplus(logits) - labels * logits)

    @jax.jit
    def step(weights, mean, square, count, rows):
        gradients = jax.grad(loss)(weights, x[rows], y[rows])
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradients)
        square = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, square, gradients)
        rate = RATE * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        weights = jax.tree.map(
            lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, mean, square
        )
        return weights, mean, square, count + 1

    evaluate = jax.jit(loss)
    x, y, tune_x, tune_y = (jnp.asarray(one) for one in (*data.train, *data.tune))
    rng = np.random.default_rng(1)
    weights = [
        (jnp.asarray(rng.normal(0, 0.05, shape), jnp.float32), jnp.zeros(shape[-1]))
        for shape in ((19, 4, 64), (11, 64, 64), (64, 64), (64, 1))
    ]
    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = (weights, zeros, zeros, jnp.ones(()))
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH):
            state = step(*state, order[start : start + BATCH])
        evaluate(state[0], tune_x, tune_y).block_until_ready()
        epoch_ended()


def crested(data, folder: Path, epochs: int) -> None:
    """CREsted: regions of a genome in an AnnData, `Crested.fit`."""
    import anndata
    import crested
    import keras
    import pandas as pd

    codes = np.concatenate([data.train[0], data.tune[0]])
    labels = np.concatenate([data.train[1], data.tune[1]])
    (folder / "genome.fa").write_text(">chr1\n" + "".join(LETTERS[codes.ravel()]) + "\n")
    length = codes.shape[1]
    starts = np.arange(len(codes)) * length
    regions = [f"chr1:{start}-{start + length}" for start in starts]
    split = np.where(np.arange(len(codes)) < len(data.train[0]), "train", "val")
    table = pd.DataFrame({"chr": "chr1", "start": starts, "end": starts + length, "split": split})
    adata = anndata.AnnData(
        labels[None].astype(np.float32), pd.DataFrame(index=["bound"]), table.set_index([regions])
    )
    wrapper = crested.tl.data.AnnDataWrapper(
        adata, crested.Genome(folder / "genome.fa"), batch_size=BATCH,
        always_reverse_complement=False, test_splits="val",
    )  # fmt: skip
    config = crested.tl.TaskConfig(keras.optimizers.Adam(RATE), "binary_crossentropy", [])
    trainer = crested.tl.Crested(
        wrapper, keras_network(length), config, str(folder / "crested"), "run"
    )
    trainer.fit(
        epochs, early_stopping=False, learning_rate_reduce=False, model_checkpointing=False,
        custom_callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=epoch_ended)],
    )  # fmt: skip


def grelu(data, folder: Path, epochs: int) -> None:
    """gReLU: sequences in a table, `LightningModel.train_on_dataset`."""
    import grelu.lightning
    import grelu.model.models
    import pandas as pd
    import torch
    from grelu.data.dataset import DFSeqDataset
    from torch import nn

    class Plain(nn.Module):
        """The network, with an output (batch, tasks, 1) as gReLU wants it."""

        def __init__(self, n_tasks: int):
            super().__init__()
            self.head = SimpleNamespace(n_tasks=n_tasks)
            self.body = nn.Sequential(*torch_layers(), nn.Linear(64, n_tasks))

        def forward(self, x):
            return self.body(x)[:, :, None]

    class Timed(grelu.lightning.LightningModel):
        def on_train_epoch_end(self):
            super().on_train_epoch_end()
            epoch_ended()

    torch.set_num_threads(1)
    grelu.model.models.Plain = Plain
    sets = [
        DFSeqDataset(
            pd.DataFrame({"seq": ["".join(row) for row in LETTERS[codes]], "bound": labels})
        )
        for codes, labels in (data.train, data.tune)
    ]
    model = Timed(
        {"model_type": "Plain", "n_tasks": 1},
        {"lr": RATE, "batch_size": BATCH, "num_workers": 0, "max_epochs": epochs,
         "save_dir": str(folder)},
    )  # fmt: skip
    model.train_on_dataset(*sets)


def selene(data, folder: Path, epochs: int) -> None:
    """Selene: matrices in HDF5, `TrainModel.train_and_validate`."""
    import h5py
    import torch
    from selene_sdk.samplers import MultiSampler
    from selene_sdk.samplers.file_samplers import MatFileSampler
    from selene_sdk.train_model import TrainModel
    from torch import nn

    samplers = []
    for name, (codes, labels) in (("train", data.train), ("tune", data.tune)):
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file["x"], file["y"] = one_hot(codes), labels[:, None].astype(np.float32)
        with h5py.File(folder / f"{name}.h5") as file:
            sampler = MatFileSampler(
                str(folder / f"{name}.h5"),
                "x",
                "y",
                sequence_batch_axis=0,
                sequence_alphabet_axis=2,
            )
            # In memory, which is faster than reading each batch from the file.
            sampler._sample_seqs, sampler._sample_tgts = file["x"][:], file["y"][:]
        samplers.append(sampler)

    class Timed(TrainModel):
        def validate(self):
            super().validate()
            epoch_ended()

    steps = len(data.train[0]) // BATCH
    network = nn.Sequential(*torch_layers(), nn.Linear(64, 1), nn.Sigmoid())
    Timed(
        network, MultiSampler(*samplers, ["bound"]), nn.BCELoss(), torch.optim.Adam,
        {"lr": RATE}, BATCH, steps * epochs + 1, steps, str(folder / "selene"),
        n_validation_samples=len(data.tune[0]), use_scheduler=False,
        scheduler_kwargs={"patience": 16},
    ).train_and_validate()  # fmt: skip


PROGRAMS = {
    "deeprules": deeprules,
    "keras": bare_keras,
    "jitted": jitted_step,
    "jitted_jax": jitted_step_of_jax,
    "crested": crested,
    "grelu": grelu,
    "selene": selene,
}


def main() -> None:
    program, folder, epochs = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    with np.load(folder / "sequences.npz") as file:
        codes, labels, n = file["codes"], file["labels"], int(file["train"])
    data = SimpleNamespace(train=(codes[:n], labels[:n]), tune=(codes[n:], labels[n:]))
    PROGRAMS[program](data, folder, epochs)
    print(json.dumps(ended))


if __name__ == "__main__":
    main()
