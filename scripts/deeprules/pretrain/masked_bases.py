"""A network that learns from sequences without labels: it predicts bases that were masked.

The task of Devlin et al. 2019 (BERT, NAACL 4171-4186), here with convolutions in place of
attention: a share of the known bases becomes N, and the network names them from what stands
around them. Training stops when the loss on windows that were held out no longer falls.
"""

import logging

import keras
import numpy as np

from deeprules.arithmetic import start_fit
from deeprules.encoding import BASE_INDEX, LETTERS, reverse_complement
from deeprules.errors import InputError
from deeprules.export.export_kipoi import CODES_DOC
from deeprules.fit.blocks import activated
from deeprules.fit.models import ChosenHyperparameters
from deeprules.fit.training import trace_once
from deeprules.layers import OneHotBases

log = logging.getLogger("deeprules")

MASK = LETTERS.index("N")
"""What a masked base becomes: the network knows it as a base that is not known."""
FILTERS, KERNEL, DILATIONS = 64, 11, (1, 2, 4)
"""Convolutions of the body: with these a base is predicted from the 70 around it."""
BATCH = 64
PATIENCE = 3
LEARNING_RATE = 2e-3
HELD_OUT = 0.1
MAX_HELD_OUT = 2000
MIN_WINDOWS = 20
COUNTED = 10_000
"""Windows, at most, that the composition is counted in."""


class MaskedBatches(keras.utils.PyDataset):
    """Batches of windows with masked bases, drawn anew in each epoch.

    Half of the windows are reversed where both strands are one.

    A batch is masked codes (BATCH, L), base indices (BATCH, L) and weights that are 1 / `share`
    for masked bases and 0 elsewhere.
    """

    def __init__(
        self,
        windows: np.ndarray,
        rows: np.ndarray,
        share: float,
        steps: int,
        seed: int,
        both_strands: bool = True,
    ):
        super().__init__()
        self.both_strands = both_strands
        self.windows, self.rows, self.share = windows, rows, share
        self.steps, self.seed, self.epoch = steps, seed, 0

    def on_epoch_end(self):
        self.epoch += 1

    def __len__(self):
        return self.steps

    def __getitem__(self, index):
        # A generator for each batch: the order in which batches are asked for does not matter.
        rng = np.random.default_rng([self.seed, self.epoch, index])
        codes = np.array(self.windows[np.sort(rng.choice(self.rows, BATCH))])
        turned = rng.random(len(codes)) < (0.5 if self.both_strands else 0)
        codes[turned] = reverse_complement(codes[turned])
        masked, is_masked = mask_bases(codes, self.share, rng)
        return masked, base_targets(codes), is_masked / np.float32(self.share)


def mask_bases(
    codes: np.ndarray, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Codes (N, L) with a share of the known bases masked, and where they are masked (N, L)."""
    is_masked = (rng.random(codes.shape) < share) & (BASE_INDEX[codes] < 4)
    return np.where(is_masked, np.uint8(MASK), codes), is_masked


def base_targets(codes: np.ndarray) -> np.ndarray:
    """0 to 3 for A, C, G and T (N, L); 0 as well for what is never masked."""
    return np.where(BASE_INDEX[codes] < 4, BASE_INDEX[codes], 0)


def build_network() -> keras.Model:
    """From codes (batch, any length), `uint8`, to the probability of each base (batch, L, 4)."""
    hp = ChosenHyperparameters({"batch_normalisation": True, "activation": "relu"})
    codes = keras.Input((None,), dtype="uint8", name="codes")
    hidden = OneHotBases()(codes)
    for number, dilation in enumerate(DILATIONS, start=1):
        convolution = keras.layers.Conv1D(
            FILTERS,
            KERNEL,
            padding="same",
            dilation_rate=dilation,
            name=f"convolution_{number}",
        )
        for layer in activated(hp, convolution):
            hidden = layer(hidden)
    return keras.Model(
        codes,
        keras.layers.Dense(4, activation="softmax", name="bases")(hidden),
        name="masked_bases",
    )


def train_masked(
    windows: np.ndarray,
    share: float,
    max_epochs: int,
    steps: int,
    seed: int,
    both_strands: bool = True,
) -> tuple[keras.Model, dict]:
    """Train a network to predict masked bases.

    Parameters
    ----------
    windows : `uint8` codes (N, L), may be memory-mapped
    share : share of the known bases that is masked
    max_epochs, steps : epochs, and batches in an epoch
    seed : seed of weights, masks and of what is held out
    both_strands : whether windows are read on the other strand as well

    Returns
    -------
    The network with the weights of its best epoch, and how well it does: see `masked_accuracy`;
    beside that `n_windows`, `n_held_out` and `epochs`.

    Raises
    ------
    InputError
        If there are too few windows to hold any out.
    """
    if len(windows) < MIN_WINDOWS:
        raise InputError(
            f"There are {len(windows)} windows to learn from; {MIN_WINDOWS} is the least. Give "
            "more sequences, or a smaller `length`."
        )
    start_fit(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(windows))
    n_held_out = min(max(round(HELD_OUT * len(windows)), 1), MAX_HELD_OUT)
    held_out, rows = windows[np.sort(order[:n_held_out])], np.sort(order[n_held_out:])
    masked, is_masked = mask_bases(held_out, share, rng)
    model = build_network()
    epochs = _fit(
        model,
        MaskedBatches(windows, rows, share, steps, seed, both_strands),
        (masked, base_targets(held_out), is_masked / np.float32(share)),
        max_epochs,
    )
    predicted = model.predict(masked, BATCH, verbose=0).argmax(axis=-1)
    counted = windows[np.sort(rng.permutation(rows)[:COUNTED])]
    facts = {"n_windows": len(windows), "n_held_out": n_held_out, "epochs": epochs}
    return model, {**facts, **masked_accuracy(held_out, is_masked, predicted, counted)}


def _fit(model, data, validation, max_epochs):
    """Train until the loss on `validation` no longer falls; returns the number of epochs."""
    model.compile(keras.optimizers.Adam(LEARNING_RATE), "sparse_categorical_crossentropy")
    trace_once(model)
    callbacks = [
        keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE, restore_best_weights=True),
        keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: log.info(
                "epoch %d: loss %.4f, held out %.4f", epoch + 1, logs["loss"], logs["val_loss"]
            )
        ),
    ]
    history = model.fit(
        data,
        validation_data=validation,
        validation_batch_size=BATCH,
        epochs=max_epochs,
        callbacks=callbacks,
        verbose=0,
    )
    return len(history.epoch)


def masked_accuracy(
    codes: np.ndarray, is_masked: np.ndarray, predicted: np.ndarray, counted: np.ndarray
) -> dict:
    """How often masked bases were named right, beside always naming the most frequent base.

    Parameters
    ----------
    codes, is_masked : windows (N, L) and where they were masked
    predicted : base indices (N, L)
    counted : windows (M, L) whose composition makes the guess

    Returns
    -------
    `n_masked`; `accuracy`; `guess`, the accuracy of the most frequent base; `gain`, their
    difference, with a 95% interval `gain_lower` to `gain_upper` over windows (the linearised
    variance of a ratio; Cochran, Sampling Techniques, 1977, section 6.4).
    """
    guess = np.bincount(BASE_INDEX[counted].ravel(), minlength=5)[:4].argmax()
    truth = base_targets(codes)
    right, guessed = (((answer == truth) & is_masked).sum(axis=1) for answer in (predicted, guess))
    masked = is_masked.sum(axis=1)
    n_masked = int(masked.sum())
    gain = (right - guessed).sum() / n_masked
    residuals = right - guessed - gain * masked
    error = np.sqrt((residuals**2).sum() * len(codes) / (len(codes) - 1)) / n_masked
    return {
        "n_masked": n_masked,
        "accuracy": float(right.sum() / n_masked),
        "guess": float(guessed.sum() / n_masked),
        "gain": float(gain),
        "gain_lower": float(gain - 1.96 * error),
        "gain_upper": float(gain + 1.96 * error),
    }


def describe_masked(found: dict, address: str, licence: str) -> dict:
    """Entry `info` of a model.yaml: what the network learnt from and how well it does.

    Parameters
    ----------
    found : what `train_masked` returned
    address : where the sequences came from
    """
    return {
        "authors": [{"name": "not stated"}],
        "doc": "Predicts masked bases (N) from the bases around them. On windows held out it names "
        "{accuracy:.1%} of {n_masked} masked bases, where the most frequent base is right for "
        "{guess:.1%} (difference {gain:.1%}, 95% interval {gain_lower:.1%} to "
        "{gain_upper:.1%}).".format(**found),
        "license": f"not stated (training sequences: {licence})",
        "trained_on": f"{found['n_windows'] - found['n_held_out']} windows of {address}, no labels",
        "tags": ["sequence", "self-supervised"],
    }


def masked_schema() -> dict:
    """Entry `schema` of a model.yaml for `build_network`."""
    return {
        "inputs": {"name": "codes", "shape": "(None,)", "doc": CODES_DOC},
        "targets": {
            "name": "bases",
            "shape": "(None, 4)",
            "doc": "Probability of A, C, G and T at each position",
        },
    }
