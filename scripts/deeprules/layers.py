"""Keras layers for sequences of byte codes and for rows of a matrix.

Written with `keras.ops` alone, so that every Keras backend runs them.
"""

import keras
import numpy as np
from keras import ops

from deeprules.encoding import BASE_SHARES, COMPLEMENT, PADDING
from deeprules.feature_store import column_moments, is_sparse

register = keras.saving.register_keras_serializable(package="deeprules")


@register
class OneHotBases(keras.layers.Layer):
    """Codes (batch, L) -> `float32` (batch, L, 4) in the order A, C, G, T.

    An ambiguous letter shares 1 out among its bases (N: 0.25 each); padding is all 0.
    """

    def call(self, codes):
        table = ops.convert_to_tensor(BASE_SHARES, dtype=self.compute_dtype)
        return ops.take(table, ops.cast(codes, "int32"), axis=0)


@register
class ReverseComplement(keras.layers.Layer):
    """One-hot bases (batch, L, 4) -> those of the other strand, read backwards."""

    def call(self, bases):
        return ops.flip(bases, axis=(1, 2))


@register
class RandomReverseComplement(keras.layers.Layer):
    """While training, half of the sequences (batch, L) become their reverse complement."""

    def __init__(self, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, codes, training=None):
        if not training:
            return codes
        codes = ops.cast(codes, "int32")
        complement = ops.convert_to_tensor(COMPLEMENT.astype(np.int32))
        reverse = ops.flip(ops.take(complement, codes, axis=0), axis=1)
        draw = keras.random.uniform((ops.shape(codes)[0], 1), seed=self.seed_generator)
        return ops.where(draw < 0.5, reverse, codes)


@register
class RandomShift(keras.layers.Layer):
    """While training, each sequence (batch, L) moves by up to `most` bases either way.

    What leaves one end is lost and the other end is padded.
    """

    def __init__(self, most, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.most = most
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, codes, training=None):
        if not training:
            return codes
        codes = ops.cast(codes, "int32")
        length = codes.shape[1]
        padded = ops.pad(
            codes, ((0, 0), (self.most, self.most)), mode="constant", constant_values=PADDING
        )
        draw = keras.random.randint(
            (ops.shape(codes)[0], 1), 0, 2 * self.most + 1, seed=self.seed_generator
        )
        places = ops.cast(draw, "int32") + ops.expand_dims(ops.arange(length, dtype="int32"), 0)
        return ops.take_along_axis(padded, places, axis=1)

    def get_config(self):
        return {**super().get_config(), "most": self.most}


def _filled(features) -> tuple[np.ndarray, np.ndarray]:
    """Rows (N, P) with missing values filled with the median of each feature, and these (P,)."""
    features = np.asarray(features)
    median = np.nan_to_num(np.nanmedian(features, axis=0))
    return np.where(np.isnan(features), median, features), median


@register
class Standardise(keras.layers.Layer):
    """Rows (batch, P) with missing values filled, centred and scaled by constants of train.

    `adapt` learns the median, mean and standard deviation of each feature; a feature without
    variance becomes 0.
    """

    def build(self, input_shape):
        shape = (input_shape[-1],)
        constants = {"trainable": False, "shape": shape, "dtype": "float32"}
        self.median = self.add_weight(name="median", initializer="zeros", **constants)
        self.mean = self.add_weight(name="mean", initializer="zeros", **constants)
        self.inverse_deviation = self.add_weight(
            name="inverse_deviation", initializer="ones", **constants
        )

    def adapt(self, features):
        """Learn the constants from training rows (N, P), `float32`, NaN where missing.

        Sparse rows have no missing values, so that their medians stay 0.
        """
        if is_sparse(features):
            mean, variance = column_moments(features)
            median, deviation = np.zeros_like(mean), np.sqrt(variance)
        else:
            filled, median = _filled(features)
            mean = filled.mean(axis=0, dtype=np.float64)
            deviation = filled.std(axis=0, dtype=np.float64)
        inverse = np.where(deviation > 1e-8, 1 / np.maximum(deviation, 1e-8), 0)
        self.build(features.shape)
        self.built = True
        for weight, value in zip(
            (self.median, self.mean, self.inverse_deviation),
            (median, mean, inverse),
            strict=True,
        ):
            weight.assign(value.astype(np.float32))
        return self

    def call(self, rows):
        filled = ops.where(ops.isnan(rows), ops.convert_to_tensor(self.median), rows)
        return (filled - self.mean) * self.inverse_deviation


@register
class TakeFeatures(keras.layers.Layer):
    """Rows (batch, P) -> the features (batch, K) at some places."""

    def __init__(self, places, **kwargs):
        super().__init__(**kwargs)
        self.places = places

    def call(self, rows):
        return ops.take(rows, ops.convert_to_tensor(np.array(self.places, dtype=np.int32)), axis=1)

    def get_config(self):
        return {**super().get_config(), "places": self.places}


@register
class WithoutDirections(keras.layers.Layer):
    """Rows (batch, P) without what lies in some directions of their standard units.

    Missing values are filled with the mean. `take` sets what was learnt from train.
    """

    def __init__(self, n_directions, **kwargs):
        super().__init__(**kwargs)
        self.n_directions = n_directions

    def build(self, input_shape):
        width = input_shape[-1]
        constants = {"trainable": False, "dtype": "float32"}
        self.mean = self.add_weight(name="mean", shape=(width,), **constants)
        self.deviation = self.add_weight(name="deviation", shape=(width,), **constants)
        self.axes = self.add_weight(name="axes", shape=(width, self.n_directions), **constants)

    def take(self, directions):
        """Set mean and deviation (P,) of each feature, and the axes (P, K)."""
        self.build(directions.axes.shape[:1])
        self.built = True
        for name in ("mean", "deviation", "axes"):
            getattr(self, name).assign(getattr(directions, name).astype(np.float32))
        return self

    def call(self, rows):
        mean, axes = ops.convert_to_tensor(self.mean), ops.convert_to_tensor(self.axes)
        rows = ops.where(ops.isnan(rows), mean, rows)
        units = (rows - mean) / self.deviation
        kept = units - ops.matmul(ops.matmul(units, axes), ops.transpose(axes))
        return kept * self.deviation + mean

    def get_config(self):
        return {**super().get_config(), "n_directions": self.n_directions}


@register
class PiecewiseLinear(keras.layers.Layer):
    """Rows (batch, P) -> (batch, P * bins): how far each value is through each bin of its feature.

    0 below a bin, 1 above it, and in between the share of the bin that lies below the value
    (Gorishniy et al. 2022). `adapt` takes quantiles of train as edges; a missing value counts as
    the median. Bins without width are 0 or 1.
    """

    def __init__(self, bins, **kwargs):
        super().__init__(**kwargs)
        self.bins = bins

    def build(self, input_shape):
        settings = {"trainable": False, "initializer": "zeros", "dtype": "float32"}
        self.median = self.add_weight(name="median", shape=(input_shape[-1],), **settings)
        shape = (input_shape[-1], self.bins + 1)
        self.edges = self.add_weight(name="edges", shape=shape, **settings)

    def adapt(self, features):
        """Learn the edges from training rows (N, P), `float32`, NaN where missing."""
        filled, median = _filled(features)
        edges = np.quantile(filled, np.linspace(0, 1, self.bins + 1), axis=0).T
        self.build(features.shape)
        self.built = True
        self.median.assign(median.astype(np.float32))
        self.edges.assign(edges.astype(np.float32))
        return self

    def call(self, rows):
        filled = ops.where(ops.isnan(rows), ops.convert_to_tensor(self.median), rows)
        edges = ops.convert_to_tensor(self.edges)
        low, width = edges[:, :-1], edges[:, 1:] - edges[:, :-1]
        above = ops.expand_dims(filled, 2) - low
        inside = above / ops.where(width > 0, width, 1.0)
        passed = ops.where(width > 0, inside, ops.cast(above > 0, inside.dtype))
        return ops.reshape(ops.clip(passed, 0, 1), (-1, rows.shape[1] * self.bins))

    def get_config(self):
        return {**super().get_config(), "bins": self.bins}


@register
class RotaryAttention(keras.layers.Layer):
    """Attention of positions (batch, T, F) to each other -> (batch, T, F).

    Queries and keys are turned by an angle that grows with their position (Su et al. 2021), so
    that what two places say to each other depends on their distance and order.

    Parameters
    ----------
    heads : heads of attention
    width : numbers a head, even
    """

    def __init__(self, heads, width, **kwargs):
        super().__init__(**kwargs)
        self.heads, self.width = heads, width

    def build(self, input_shape):
        inner, outer = self.heads * self.width, input_shape[-1]
        for name in ("queries", "keys", "values"):
            setattr(self, name, self.add_weight(name=name, shape=(outer, inner)))
        self.gather = self.add_weight(name="gather", shape=(inner, outer))

    def call(self, positions):
        length = positions.shape[1]
        shape = (-1, length, self.heads, self.width)
        queries, keys, values = (
            ops.reshape(ops.matmul(positions, ops.convert_to_tensor(weights)), shape)
            for weights in (self.queries, self.keys, self.values)
        )
        queries, keys = self._turned(queries, length), self._turned(keys, length)
        fit = ops.einsum("bthd,bshd->bhts", queries, keys) / self.width**0.5
        seen = ops.einsum("bhts,bshd->bthd", ops.softmax(fit, axis=-1), values)
        seen = ops.reshape(seen, (-1, length, self.heads * self.width))
        return ops.matmul(seen, ops.convert_to_tensor(self.gather))

    def _turned(self, vectors, length):
        """Pairs of numbers of (batch, T, heads, width), turned by the angle of their position."""
        half = self.width // 2
        speeds = 10_000.0 ** -(np.arange(half) / half)
        angles = (np.arange(length)[:, None] * speeds)[:, None, :].astype(np.float32)
        cosine, sine = (
            ops.cast(ops.convert_to_tensor(turn), vectors.dtype)
            for turn in (np.cos(angles), np.sin(angles))
        )
        first, second = vectors[..., :half], vectors[..., half:]
        turned = [first * cosine - second * sine, first * sine + second * cosine]
        return ops.concatenate(turned, axis=-1)

    def get_config(self):
        return {**super().get_config(), "heads": self.heads, "width": self.width}


@register
class OneHeadEach(keras.layers.Dense):
    """Features (batch, D) -> probability or value of each label (batch, T).

    Parameters
    ----------
    are_classes : of each label, whether it is there or not; the others are values
    """

    def __init__(self, are_classes, **settings):
        settings.pop("units", None)
        super().__init__(len(are_classes), **settings)
        self.are_classes = [bool(one) for one in are_classes]

    def call(self, inputs, training=None):
        found = super().call(inputs)
        return ops.where(ops.convert_to_tensor(self.are_classes), ops.sigmoid(found), found)

    def get_config(self):
        return {**super().get_config(), "are_classes": self.are_classes}
