"""What the library offers by name, found by its files, which are read and never imported."""

import ast
import functools
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deeprules.tasks import EACH, is_mixed, task_of_each

LIBRARY = Path("scripts") / "deeprules"
FOLDER = Path(__file__).parents[2]
CONSTANTS = ("KIND", "MODALITY", "MODALITIES", "TASKS")
CONSTANTS += ("NEEDS", "INPUTS", "FLOOR", "TWIN_OF", "WAY", "ORIGIN", "RANDOM_WEIGHTS", "BACKEND")
INPUTS = ("features", "activations", "metadata", "covariates")
"""What a model may be given of an example, in the order in which it is."""


@dataclass(frozen=True)
class Module:
    """A file of the library and what it says that it can be used for.

    Attributes
    ----------
    name : name of the file, without suffix
    kind : `network`, `baseline`, `nuisance` or `dataset`
    modalities : among `sequence` and `tabular`; empty if the file does not say
    tasks : among `binary`, `multiclass` and `regression`; empty if the file does not say
    needs : `pretrained` if it starts from a pretrained model, `tool` if it runs a user's tool;
        empty otherwise
    inputs : what it is given of an example, see `deeprules.fit.inputs`
    floor : whether it always runs, as what others are held against
    twin_of, way : of one that uses a pretrained model, the module of the same network trained from
        scratch, and in what way it uses it; both empty otherwise
    origin : where the pretrained models that it takes come from; empty for every other than these
    random_weights : whether it takes their architecture with random weights
    backend : the one backend of Keras that it runs on; empty for every other than these
    fault : what is wrong with the file itself; empty if it can be read
    """

    name: str
    kind: str
    modalities: tuple[str, ...]
    tasks: tuple[str, ...]
    needs: str = ""
    inputs: tuple[str, ...] = ("features",)
    floor: bool = False
    twin_of: str = ""
    way: str = ""
    origin: str = ""
    random_weights: bool = False
    backend: str = ""
    fault: str = ""

    @property
    def plugin(self) -> str:
        """Where it lies in the library, such as `networks.cnn`."""
        return f"{'networks' if self.kind == 'network' else 'baselines'}.{self.name}"

    def is_for(self, task: str) -> bool:
        """Whether it takes a task; of a mixed one, that is the task of every label."""
        each = EACH.values() if is_mixed(task) else [task_of_each(task)]
        return set(each) <= set(self.tasks)


def find_modules(folder: str | Path, subfolder: str) -> dict[str, Module]:
    """Modules in `networks`, `baselines` or `datasets` of the workflow in `folder`, by name."""
    paths = sorted((Path(folder) / LIBRARY / subfolder).glob("[a-z]*.py"))
    return {path.stem: _describe(path, subfolder.removesuffix("s")) for path in paths}


@functools.cache
def facts_in(subfolder: str) -> dict[str, dict]:
    """What the modules in a folder of the library say of themselves: {name: {CONSTANT: value}}.

    `DOC` is the first line of the docstring.
    """
    paths = sorted((FOLDER / LIBRARY / subfolder).glob("[a-z]*.py"))
    return {path.stem: _literals(path) for path in paths}


def find_models(folder: str | Path) -> dict[str, Module]:
    """Networks and baselines of the workflow in `folder`, by name."""
    return {**find_modules(folder, "baselines"), **find_modules(folder, "networks")}


def floor_of(models: Mapping[str, Module]) -> list[str]:
    """Names of the models that always run."""
    return [name for name, module in models.items() if module.floor]


def fitting(models: Mapping[str, Module], modality: str | None, task: str | None) -> list[str]:
    """Names of the models for data of a modality and a task, as far as these are known."""
    return sorted(
        name
        for name, module in models.items()
        if modality in (None, *module.modalities) and (task is None or module.is_for(task))
    )


def _describe(path: Path, kind: str) -> Module:
    try:
        constants = _constants(path)
    except SyntaxError as error:
        return Module(path.stem, kind, (), (), fault=f"line {error.lineno}: {error.msg}")
    except ValueError as error:
        return Module(path.stem, kind, (), (), fault=f"{', '.join(CONSTANTS)}: {error}")
    said = {name.lower(): value for name, value in constants.items()}
    said["modalities"] = said.pop("modality", said.get("modalities", ()))
    for name in said.keys() & {"modalities", "tasks", "inputs"}:
        said[name] = _tuple(said[name])
    found = Module(**{"name": path.stem, "kind": kind, "tasks": (), **said})
    if list(found.inputs) == [name for name in INPUTS if name in found.inputs]:
        return found
    fault = f"INPUTS must be some of {', '.join(INPUTS)}, in this order"
    return Module(path.stem, kind, (), (), fault=fault)


def _tuple(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _constants(path: Path) -> dict:
    """Values of a Python file's constants that say what it is for."""
    return {name: ast.literal_eval(value) for name, value in _assigned(path) if name in CONSTANTS}


def _literals(path: Path) -> dict:
    """Values of all constants of a Python file that are written out."""
    found = {}
    for name, value in _assigned(path):
        with suppress(ValueError):
            found[name] = ast.literal_eval(value)
    constants = {name: value for name, value in found.items() if name.isupper()}
    docstring = ast.get_docstring(_tree(path.read_text(encoding="utf-8"), path)) or ""
    return {**constants, "DOC": docstring.partition("\n")[0]}


@functools.cache
def _tree(text: str, path: Path) -> ast.Module:
    """A parsed file; checks of a configuration ask the same files several times."""
    return ast.parse(text, path)


def _assigned(path: Path) -> Iterator[tuple[str, ast.expr]]:
    """Names that a Python file assigns to, and what it assigns."""
    for statement in _tree(path.read_text(encoding="utf-8"), path).body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value
