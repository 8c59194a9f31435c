"""What is written is on the disk before it has its name; what is damaged is refused."""

import ast
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from deeprules.errors import InputError
from deeprules.files import (
    make_folder,
    read_array,
    read_json,
    read_table,
    whole_file,
    whole_folder,
    write_json,
    write_table,
    write_text,
)
from deeprules.fit.models import load_model
from deeprules.yaml_files import read_yaml, write_yaml

SCRIPTS = Path(__file__).parents[2] / "scripts"


class Disk:
    """A disk that a power cut may hit at any time: what was synced is there, the rest may not be.

    `synced` has the content of each file, or the names in each folder, at its last sync.
    """

    def __init__(self, monkeypatch):
        self.synced, self.early = {}, []
        fsync, replace = os.fsync, os.replace

        def note_sync(descriptor):
            fsync(descriptor)
            path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
            content = sorted(os.listdir(path)) if path.is_dir() else path.read_bytes()
            self.synced[path] = content

        def note_rename(source, target):
            source, target = Path(source).absolute(), Path(target).absolute()
            parts = [source, *source.rglob("*")] if source.is_dir() else [source]
            self.early += [path for path in parts if not self._is_synced(path)]
            replace(source, target)
            self.synced |= {
                target / path.relative_to(source): content
                for path, content in self.synced.items()
                if path.is_relative_to(source)
            }

        monkeypatch.setattr(os, "fsync", note_sync)
        monkeypatch.setattr(os, "replace", note_rename)

    def _is_synced(self, path):
        if path.is_dir():
            return self.synced.get(path) == sorted(os.listdir(path))
        return self.synced.get(path) == path.read_bytes()

    def survives(self, path):
        """Whether a power cut now leaves `path` whole under its name."""
        return (
            not self.early and path.name in self.synced.get(path.parent, []) and path in self.synced
        )


@pytest.fixture
def disk(monkeypatch):
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs Linux to tell which file a descriptor is of")
    return Disk(monkeypatch)


WRITERS = {
    "x.txt": lambda path: write_text(path, "x"),
    "x.json": lambda path: write_json(path, {"x": 1}),
    "x.yaml": lambda path: write_yaml(path, {"x": 1}),
    "x.tsv": lambda path: write_table(path, pd.DataFrame({"x": ["long"]})),
    "x.parquet": lambda path: write_table(path, pd.DataFrame({"x": [1]})),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, disk, name):
    WRITERS[name](tmp_path / name)
    assert disk.survives(tmp_path / name)


def test_a_folder_is_on_the_disk_with_all_it_holds_before_it_has_its_name(tmp_path, disk):
    for text in ("first", "second"):
        with whole_folder(tmp_path / "model") as unfinished:
            (unfinished / "deep").mkdir()
            (unfinished / "deep" / "weights").write_text(text)
    assert disk.survives(tmp_path / "model")
    assert disk.survives(tmp_path / "model" / "deep" / "weights")


def test_a_folder_is_whole_or_absent(tmp_path):
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "model") as unfinished:
        (unfinished / "half").write_text("")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    for text in ("old", "new"):
        with whole_folder(tmp_path / "model") as unfinished:
            (unfinished / text).write_text(text)
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["new"]


def test_a_new_folder_is_known_to_its_parents(tmp_path, disk):
    make_folder(tmp_path / "records" / "ledger")
    assert "records" in disk.synced[tmp_path]
    assert "ledger" in disk.synced[tmp_path / "records"]


def test_a_block_that_fails_leaves_what_was_there(tmp_path):
    write_text(tmp_path / "x.txt", "before")
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "x.txt") as unfinished:
        unfinished.write_text("half")
        raise ZeroDivisionError
    assert (tmp_path / "x.txt").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


READERS = {
    "x.json": read_json,
    "x.yaml": read_yaml,
    "x.tsv": read_table,
    "x.parquet": read_table,
    "x.npy": read_array,
    "model.joblib": load_model,
    "model.keras": load_model,
}


@pytest.mark.parametrize("content", [b"", bytes(4096)], ids=["empty", "zero bytes"])
@pytest.mark.parametrize("name", READERS)
def test_what_a_power_cut_leaves_is_refused_by_name(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}: is empty or damaged"):
        READERS[name](tmp_path / name)


def test_half_a_file_is_refused(tmp_path):
    for name in ("x.json", "x.tsv", "x.parquet"):
        WRITERS[name](tmp_path / name)
    np.save(tmp_path / "x.npy", np.arange(1000))
    for name in ("x.json", "x.tsv", "x.parquet", "x.npy"):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
        with pytest.raises(InputError, match=f"{name}: is empty or damaged"):
            READERS[name](tmp_path / name)


def test_tables_without_rows_or_columns_are_no_damage(tmp_path):
    for table in (pd.DataFrame(columns=["a", "b"]), pd.DataFrame()):
        write_table(tmp_path / "x.tsv", table)
        assert list(read_table(tmp_path / "x.tsv").columns) == list(table.columns)


def test_a_missing_file_is_no_damaged_one(tmp_path):
    for name, read in READERS.items():
        with pytest.raises(FileNotFoundError):
            read(tmp_path / name)


def test_yaml_keeps_the_order_of_its_keys(tmp_path):
    write_yaml(tmp_path / "x.yaml", {"b": 1, "a": "µ"})
    assert list(yaml.safe_load((tmp_path / "x.yaml").read_text())) == ["b", "a"]


BARE = {
    # They write into a folder or file that their caller has from `whole_folder` or `whole_file`.
    "deeprules/conclude/archive.py: _copy",
    "deeprules/conclude/archive.py: _write_configuration",
    "deeprules/export/exported_files.py: _write_rows",
    "deeprules/export/exported_files.py: _write_sequences",
    "deeprules/export/exported_files.py: _write_yaml",
    "deeprules/export/exported_files.py: write_layers",
    "deeprules/export/exported_files.py: write_reader",
    "deeprules/feature_store.py: _copy",
    "deeprules/feature_store.py: _write_header",
    "deeprules/feature_store.py: _write_sparse",
    "deeprules/feature_store.py: _write_sparse.add",
    "deeprules/feature_store.py: features_writer",
    "deeprules/predict/new_variants.py: _write_excluded",
    "deeprules/predict/packing.py: _pack_models",
    "deeprules/predict/packing.py: _pack_pretrained",
    "deeprules/predict/packing.py: _pack_tool",
    "deeprules/predict/tables_out.py: GrowingTable.add",
    "deeprules/release/folder.py: lay_out_release",
    "deeprules/predict/tested.py: write_tested",
    "deeprules/predict/training_facts.py: _ranges",
    "deeprules/predict/training_facts.py: _sketch_rows",
    "deeprules/predict/training_facts.py: _sketch_sequences",
    "deeprules/simulate/simulation.py: write_gzipped",
    "deeprules/split/partitions.py: _copy_table",
    "deeprules/pretrained/activation_program.py: save_chunks",
    "deeprules/pretrained/huggingface_files.py: _take",
    "deeprules/pretrained/kipoi_folder.py: write_kipoi_folder",
    "deeprules/pretrained/kipoi_folder.py: write_model_yaml",
    "deeprules/pretrained/pretrained_folders.py: _copy_tree",
    "deeprules/pretrained/pretrained_folders.py: _kept",
    "deeprules/pretrained/pretrained_folders.py: _take_keras",
    "deeprules/pretrained/pretrained_sources.py: _take_weights",
    # A download has its own unfinished file, and takes its name with `take_name`.
    "deeprules/download/transfers.py: _from_disk",
    "deeprules/download/transfers.py: fetch",
    # Nobody reads it after the job: scratch files, locks, what processes print.
    "deeprules/datasets/bed.py: _with_access_by_position",
    "deeprules/ingest/cell_files.py: _decompressed",
    "deeprules/ingest/sample_files.py: _files",
    "deeprules/predict/new_examples.py: _aligned",
    "deeprules/predict/variant_files.py: seekable",
    "deeprules/release/apply.py: main",
    "deeprules/datasets/matrix.py: _turn",
    "deeprules/evaluate/ledger.py: locked",
    "deeprules/devices.py: _try_lock",
    "deeprules/ingest/genomes.py: _indexed",
    "deeprules/ingest/spool.py: Spool.__init__",
    "deeprules/logs.py: tell_last_words.report",
    "deeprules/ingest/spool.py: Spool.add",
    "deeprules/split/mmseqs.py: alignment",
    "deeprules/split/mmseqs.py: write_fasta",
    "deeprules/command/tool_files.py: write_examples",
    "deeprules/command/tool_files.py: write_folder",
    "deeprules/command/tool_files.py: write_labels",
    # Into memory first, for the hash in its name.
    "deeprules/evaluate/ledger.py: _write_sketches",
    # They map what they read.
    "deeprules/feature_store.py: _mapped",
    "deeprules/predict/effects.py: _windows",
    # Into memory, as text.
    "deeprules/interpret/logos.py: draw_logo",
    # They hand a path to a `save` that is written with `whole_file`.
    "attribute_network.py: ",
    "deeprules/fit/fitting.py: write_fit",
}
"""Functions that write without a block of `deeprules.files`, and why that is right."""

WHOLE = {"whole_file", "whole_folder", "scratch_folder", "TemporaryDirectory"}
WRITING = {"write_text", "write_bytes", "to_csv", "to_parquet", "to_pickle", "tofile"}
WRITING |= {"save", "savez", "savez_compressed", "save_weights", "savefig", "dump", "symlink_to"}
WRITING |= {"copyfile", "copytree", "copy2", "copyfileobj", "move", "ParquetWriter", "rename"}
WRITING |= {"hardlink_to", "link", "symlink", "memmap", "open_memmap", "savetxt", "extractall"}


def _called(call):
    """The last name of what a call calls."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _writes(call):
    """Whether a call writes, renames or copies a file."""
    name = _called(call)
    if name in ("open", "fdopen"):
        modes = [
            one.value
            for one in [*call.args, *(word.value for word in call.keywords)]
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        return any(set(mode) <= set("rwxabt+") and set(mode) & set("wxa+") for mode in modes)
    if name == "replace":
        return ast.unparse(call.func) == "os.replace"
    if name == "rename":  # that of a table takes keywords, that of a series a name
        return bool(call.args) and not isinstance(call.args[0], ast.Constant)
    return name in WRITING and isinstance(call.func, ast.Attribute) and bool(call.args)


def bare_writes(tree, inside=""):
    """The function of each call that writes outside of the blocks of `deeprules.files`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.With):
            used = {
                _called(one)
                for item in node.items
                for one in ast.walk(item.context_expr)
                if isinstance(one, ast.Call)
            }
            if used & WHOLE:
                continue
        name = node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else None
        if isinstance(node, ast.Call) and _writes(node):
            yield inside
        yield from bare_writes(node, ".".join(filter(None, [inside, name])))


def test_everything_is_written_through_one_module():
    found = {
        f"{path.relative_to(SCRIPTS).as_posix()}: {function}"
        for path in sorted(SCRIPTS.rglob("*.py"))
        if path.name != "files.py"
        for function in bare_writes(ast.parse(path.read_text()))
    }
    assert found - BARE == set()
