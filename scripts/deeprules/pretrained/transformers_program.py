"""Activations of a model of Hugging Face, in an environment that has PyTorch and transformers.

It needs Python 3.9, numpy, torch and transformers, nothing else of what the workflow uses. Weights
are read from safetensors alone, and no code of the model is run.
"""

from __future__ import annotations  # another environment may come with an old Python

import numpy as np

from deeprules.encoding import decode, reverse_complement
from deeprules.errors import InputError
from deeprules.pretrained.kipoi_inputs import is_reversed, plan_windows

CONFIG = "config.json"
TOKENISER = (
    *("tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model", "spiece.model"),
    *("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt"),
)
"""Files of tokenisers that transformers reads; the first five hold a vocabulary."""
CHUNK = 1024
"""Sequences whose activations are given at a time."""
BATCH = 64
"""Texts in a batch, at most."""
BATCH_VALUES = 2**22
"""Values that a layer of a batch may have, texts x tokens x width: it bounds the memory."""
LAST = "last_hidden_state"
HIDDEN = "hidden_states/"
NOT_USED = ("pooler",)
"""Parts that checkpoints may lack: no layer that can be chosen depends on them."""
ENDLESS = 10**6
"""What tokenisers state as their longest text where they know of no limit is above this."""


def transformer_chunks(folder, contract, codes):
    """Activations of byte codes (N, L), `float32` (n, D) for some sequences at a time.

    Parameters
    ----------
    folder : with config.json, the tokeniser and the safetensors
    contract : content of `contract.json`; with `random_weights`, a seed, the weights are drawn

    Raises
    ------
    InputError
        If transformers cannot open the model, weights are missing, the text is too long for it, or
        its tokeniser does not know the letters.
    """
    import torch

    model, tokeniser = open_model(folder, contract)
    for start in range(0, len(codes), CHUNK):
        part = np.asarray(codes[start : start + CHUNK])
        given = (model, tokeniser, texts(part, contract), contract, codes.shape[1])
        with torch.inference_mode():
            found = [(states.float().cpu().numpy(), keep) for states, keep in states_of(*given)]
        pooled = np.concatenate([pooled_states(*one, contract["pooling"]) for one in found])
        yield pooled.reshape(len(part), -1, pooled.shape[1]).mean(axis=1)


def texts(codes, contract):
    """What the tokeniser is given of byte codes (N, L): N x windows texts.

    Those of one sequence follow each other. With `kmer`, words of so many letters that overlap by
    all but one. Padding is left out.
    """
    settings = contract["input"]
    windows = plan_windows(codes.shape[1], settings["length"], contract["lengths"])
    strand = reverse_complement(codes) if is_reversed(settings) else codes
    size, found = settings["kmer"], []
    for row in strand:
        for start in windows.starts:
            letters = decode(row[start : start + windows.length]).replace("-", "")
            count = max(len(letters) - size + 1, 1) if size else 0
            words = [letters[first : first + size] for first in range(count)] if size else [letters]
            found.append(" ".join(words))
    return found


def pooled_states(states, keep, how):
    """States (B, T, D) as (B, D): the `mean` or `max` over the tokens to `keep` (B, T), or `first`.

    `first` is the first token of the text, where models of BERT's kind gather what they know of it.
    """
    if how == "first":
        return states[:, 0]
    kept = keep[:, :, None].astype(bool)
    if how == "max":
        return np.where(kept, states, -np.inf).max(axis=1)
    return np.where(kept, states, 0).sum(axis=1) / kept.sum(axis=1)


def open_model(folder, contract):
    """The model, ready to predict, and its tokeniser.

    With `random_weights` in the contract, weights are drawn: under that seed, or from the state
    that PyTorch is in where it is None.
    """
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    here = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = transformers.AutoConfig.from_pretrained(folder, **here)
        tokeniser = transformers.AutoTokenizer.from_pretrained(folder, **here)
        if "random_weights" in contract:
            if contract["random_weights"] is not None:
                torch.manual_seed(contract["random_weights"])
            model = transformers.AutoModel.from_config(config, trust_remote_code=False)
        else:
            model, found = transformers.AutoModel.from_pretrained(
                folder,
                config=config,
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
                **here,
            )
            _refuse_missing(found["missing_keys"], contract)
    except (ValueError, KeyError, OSError, ImportError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"pretrained.{contract['name']}: transformers {transformers.__version__} cannot open "
            f"it: {str(error).strip().splitlines()[0]} Use a model of an architecture that it has, "
            "or an environment with another version (`python`)."
        ) from error
    if config.is_encoder_decoder:
        model = model.get_encoder()
    tokeniser.padding_side = "right"
    if tokeniser.pad_token is None:  # what stands there is masked
        tokeniser.pad_token = tokeniser.eos_token or tokeniser.unk_token
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return model.float().eval().to(device), tokeniser


def _refuse_missing(missing, contract):
    """Refuse a model of which weights would be drawn at random without a word."""
    needed = sorted(name for name in missing if name.split(".")[0] not in NOT_USED)
    if needed:
        raise InputError(
            f"pretrained.{contract['name']}: {len(needed)} of its tensors are not in its files "
            f"(the first is {needed[0]}), and would be random numbers. Its files do not fit its "
            "config.json: use another commit."
        )


def states_of(model, tokeniser, words, contract, n_bases):
    """States (B, T, D) of some texts at a time, and which tokens are of the sequence (B, T)."""
    encoded = tokeniser(words, return_attention_mask=True, return_special_tokens_mask=True)
    _check_tokens(encoded, tokeniser, model, contract, n_bases)
    longest = max(map(len, encoded["input_ids"]))
    width = getattr(model.config, "hidden_size", None) or 1024
    size = max(1, min(BATCH, BATCH_VALUES // (longest * width)))
    for start in range(0, len(words), size):
        batch = tokeniser.pad(
            {key: encoded[key][start : start + size] for key in ("input_ids", "attention_mask")},
            return_tensors="pt",
        ).to(model.device)
        keep = np.zeros(batch["input_ids"].shape, bool)
        for row, mask in enumerate(encoded["special_tokens_mask"][start : start + size]):
            keep[row, : len(mask)] = np.asarray(mask) == 0
        yield _states(model, batch, contract), keep


def _states(model, batch, contract):
    """States (B, T, D) of the layer that the contract names."""
    layer = contract["layer"]
    if layer == LAST:
        return model(**batch).last_hidden_state
    number, hidden = int(layer[len(HIDDEN) :]), model(**batch, output_hidden_states=True)
    if number >= len(hidden.hidden_states):
        raise InputError(
            f"pretrained.{contract['name']}.layer: the model has no {layer}; its last one is "
            f"{HIDDEN}{len(hidden.hidden_states) - 1}."
        )
    return hidden.hidden_states[number]


def _check_tokens(encoded, tokeniser, model, contract, n_bases):
    """Refuse texts that are too long for the model, or that its tokeniser cannot read."""
    where, ids = f"pretrained.{contract['name']}", encoded["input_ids"]
    stated = [tokeniser.model_max_length, getattr(model.config, "max_position_embeddings", None)]
    limit = min((one for one in stated if one and 0 < one < ENDLESS), default=None)
    longest = max(map(len, ids))
    if limit is not None and longest > limit:
        seen = contract["input"]["length"] or n_bases
        raise InputError(
            f"{where}.input.length: {seen} bases are up to {longest} tokens, and the model takes "
            f"{limit}. Give it fewer bases, `input: {{length: {seen * limit // longest}}}`, with "
            "`lengths: crop` for the centre or `tile` for the mean over windows."
        )
    masks = encoded["special_tokens_mask"]
    shown = [np.asarray(mask) == 0 for mask in masks]
    tokens = np.concatenate([np.asarray(ids[row])[kept] for row, kept in enumerate(shown)])
    unknown = int((tokens == tokeniser.unk_token_id).sum())  # None, where it has none, is no token
    if 2 * unknown > len(tokens):
        raise InputError(
            f"{where}.input.kmer: its tokeniser does not know {unknown} of {len(tokens)} tokens. "
            "It reads DNA in another form: a model of k-mers needs `input: {kmer: 6}`, or what its "
            "card says; one that was not trained on DNA cannot be used."
        )
