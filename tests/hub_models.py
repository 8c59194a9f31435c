"""A tiny model of Hugging Face, made of numbers and text alone, and a hub that serves it.

Neither PyTorch nor transformers is needed to make it.
"""

import hashlib
import json
from itertools import product
from pathlib import Path

import numpy as np
from local_server import Answer, LocalServer

NAME, COMMIT = "laboratory/tiny", "1" * 40
KMER, WIDTH, LAYERS, POSITIONS = 3, 16, 2, 64
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = [*SPECIAL, *map("".join, product("ACGT", repeat=KMER))]
CARD = "---\nlicense: apache-2.0\ntags: [dna]\n---\n# Tiny\n"
CONFIG = {
    **{"architectures": ["BertModel"], "model_type": "bert", "vocab_size": len(WORDS)},
    **{"hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": 2},
    **{"intermediate_size": 32, "max_position_embeddings": POSITIONS, "type_vocab_size": 2},
}
TOKENISER = {"tokenizer_class": "BertTokenizer", "do_lower_case": False, "model_max_length": 64}


def safetensors(tensors: dict[str, np.ndarray]) -> bytes:
    """The bytes of a file that holds these `float32` tensors."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        start, data = len(data), data + tensor.astype("<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [start, len(data)],
        }
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    return len(text).to_bytes(8, "little") + text + data


def bert_tensors(seed: int = 1) -> dict[str, np.ndarray]:
    """Weights of a BERT of `CONFIG`, by the names that transformers gives them; no pooler."""
    rng = np.random.default_rng(seed)
    shapes = {
        "embeddings.word_embeddings.weight": (len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": (POSITIONS, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    dense = {
        **{f"attention.self.{name}": (WIDTH, WIDTH) for name in ("query", "key", "value")},
        **{"attention.output.dense": (WIDTH, WIDTH), "intermediate.dense": (32, WIDTH)},
        "output.dense": (WIDTH, 32),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        for name, shape in dense.items():
            shapes |= {f"{prefix}{name}.weight": shape, f"{prefix}{name}.bias": shape[:1]}
        norms += [f"{prefix}attention.output.LayerNorm", f"{prefix}output.LayerNorm"]
    found = {name: rng.normal(0, 0.5, shape) for name, shape in shapes.items()}
    for name in norms:
        found |= {f"{name}.weight": np.ones(WIDTH), f"{name}.bias": np.zeros(WIDTH)}
    return found


def tiny_files(**changes: bytes | None) -> dict[str, bytes]:
    """Files of the repository by name; `changes` replace files, or leave them out where None.

    Dots in a name are written as `__`.
    """
    files = {
        "config.json": json.dumps(CONFIG).encode(),
        "tokenizer_config.json": json.dumps(TOKENISER).encode(),
        "vocab.txt": "\n".join(WORDS).encode(),
        "model.safetensors": safetensors(bert_tensors()),
        "README.md": CARD.encode(),
        "modeling_tiny.py": b"raise SystemExit('code was run')",
        "training_args.bin": b"\x80\x04.",
    }
    files |= {name.replace("__", "."): content for name, content in changes.items()}
    return {name: content for name, content in files.items() if content is not None}


def serve(server: LocalServer, files: dict[str, bytes], **said) -> dict[str, str]:
    """Let a server answer as the hub does; returns the `mirrors` that lead to it."""
    large = {name: hashlib.sha256(files[name]).hexdigest() for name in files if "safet" in name}
    listing = {
        "id": NAME,
        "sha": COMMIT,
        "siblings": [
            {"rfilename": name, "size": len(content)}
            | ({"lfs": {"sha256": large[name]}} if name in large else {})
            for name, content in files.items()
        ],
        **said,
    }
    answer = json.dumps(listing).encode()
    server.answer(f"/api/models/{NAME}/revision/{COMMIT}", Answer(answer))
    for name, content in files.items():
        server.answer(f"/{NAME}/resolve/{COMMIT}/{name}", content)
    return {"https://huggingface.co/": server.url("/")}


def fill_cache(root: Path, files: dict[str, bytes], commit: str = COMMIT) -> dict[str, str]:
    """Files in a folder as the hub's own program caches them; returns the `mirrors` to it."""
    cached = root / f"models--{NAME.replace('/', '--')}"
    snapshot, blobs = cached / "snapshots" / commit, cached / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir(exist_ok=True)
    for name, content in files.items():
        blob = blobs / hashlib.sha256(content).hexdigest()
        blob.write_bytes(content)
        (snapshot / name).symlink_to(f"../../blobs/{blob.name}")
    return {"https://huggingface.co/": f"{root}/"}
