"""The hyperparameters that a model asks for, read from its source; nothing is imported.

From `build` on, the functions that are given `hp` are followed through the library. Where `hp`
goes somewhere that cannot be followed, or a name is made up while the code runs, the list is not
complete, and nothing is said of names that are not on it.
"""

import ast
import functools
from dataclasses import dataclass, field
from pathlib import Path

LIBRARY = Path("scripts") / "deeprules"
SHARED = {"networks": ("fit/training.py", ("_compile", "compile_network"))}
"""Functions outside a module's own file that ask for hyperparameters of every such module."""
OWN = ("build", "unfreeze")
"""Functions of a module's own file that training calls."""
METHODS = ("Choice", "Int", "Float", "Boolean", "Fixed")
HARMLESS = ("conditional_scope", "get", "values", "is_active")


@dataclass(frozen=True)
class Hyperparameter:
    """What a hyperparameter may be, as far as the source says.

    Attributes
    ----------
    kind : `text`, `whole number`, `number`, `true or false`; empty if it is not known
    choices : values of a choice; empty for a range and where they are not known
    low, high : bounds of a range; None where they are not known
    """

    kind: str
    choices: tuple = ()
    low: float | None = None
    high: float | None = None

    def joined(self, other: "Hyperparameter") -> "Hyperparameter":
        """What both allow together, where two places ask for the same name."""
        kind = self.kind if self.kind == other.kind else ""
        known = self.choices and other.choices
        choices = tuple(dict.fromkeys(self.choices + other.choices)) if kind and known else ()
        lows, highs = (self.low, other.low), (self.high, other.high)
        low = None if None in lows else min(lows)
        return Hyperparameter(kind, choices, low, None if None in highs else max(highs))


@dataclass
class Hyperparameters:
    """Hyperparameters of a module by name, and whether the list is complete."""

    known: dict[str, Hyperparameter] = field(default_factory=dict)
    is_complete: bool = True


def hyperparameters(folder: str | Path, kind: str, module: str) -> Hyperparameters:
    """What the `build` of a module asks for.

    Parameters
    ----------
    folder : folder of the workflow
    kind : `network`, or anything else for a baseline
    module : name of the file, without suffix
    """
    library, group = Path(folder) / LIBRARY, "networks" if kind == "network" else "baselines"
    path = library / group / f"{module}.py"
    found = Hyperparameters()
    waiting = [(path, "build", 0), (path, "unfreeze", 1)]
    if group in SHARED and (library / SHARED[group][0]).exists():
        waiting += [(library / SHARED[group][0], name, 1) for name in SHARED[group][1]]
    if _function(path, "build") is None:
        found.is_complete = False
    seen = set()
    while waiting:
        step = waiting.pop()
        if step not in seen and _function(*step[:2]) is not None:
            seen.add(step)
            waiting += _follow(found, library, *step)
    return found


def _follow(found, library, path, name, position):
    """Add what one function asks of its argument `hp`; returns the functions it hands it to."""
    function, onward = _function(path, name), []
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    names = dict(enumerate(argument.arg for argument in arguments))
    hp = position if isinstance(position, str) else names.get(position)
    parents = {
        child: parent for parent in ast.walk(function) for child in ast.iter_child_nodes(parent)
    }
    for node in ast.walk(function):
        if not (isinstance(node, ast.Name) and node.id == hp):
            continue
        above = parents[node]
        if isinstance(above, ast.Attribute):
            _ask(found, path, above, parents.get(above))
            continue
        target = _target(library, path, above, node, parents)
        if target is None:
            found.is_complete = False
        elif target:
            onward.append(target)
    return onward


def _ask(found, path, attribute, call):
    """Take down one question such as `hp.Choice("units", [32, 64])`."""
    if attribute.attr not in METHODS:
        found.is_complete &= attribute.attr in HARMLESS
        return
    if not (isinstance(call, ast.Call) and call.func is attribute):
        found.is_complete = False
        return
    given = dict(zip(("name", "first", "second"), call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords}
    name = _literal(path, given.get("name"))
    if not isinstance(name, str):
        found.is_complete = False
        return
    asked = _hyperparameter(path, attribute.attr, given)
    before = found.known.get(name)
    found.known[name] = asked if before is None else before.joined(asked)


def _hyperparameter(path, method, given):
    if method == "Boolean":
        return Hyperparameter("true or false")
    if method in ("Int", "Float"):
        low = _literal(path, given.get("min_value", given.get("first")))
        high = _literal(path, given.get("max_value", given.get("second")))
        bounds = (one if isinstance(one, int | float) else None for one in (low, high))
        return Hyperparameter("whole number" if method == "Int" else "number", (), *bounds)
    values = _literal(path, given.get("values", given.get("first")))
    if method == "Fixed" or not isinstance(values, list | tuple) or not values:
        return Hyperparameter("")
    kinds = {kind_of(value) for value in values}
    if kinds == {"whole number", "number"}:
        kinds = {"number"}
    return Hyperparameter(kinds.pop() if len(kinds) == 1 else "", tuple(values))


def kind_of(value: object) -> str:
    """The kind of a single value, in the words of `Hyperparameter.kind`."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    return "whole number" if isinstance(value, int) else "number"


def _target(library, path, call, node, parents):
    """The function that a call hands `hp` to, and as which argument; None if it is not known.

    It is empty for the module's own `build`, which training calls by way of the module.
    """
    keyword = call.arg if isinstance(call, ast.keyword) else None
    call = parents[call] if keyword else call
    if not isinstance(call, ast.Call):
        return None
    if isinstance(call.func, ast.Attribute) and call.func.attr in OWN:
        return ()
    if not isinstance(call.func, ast.Name) or any(isinstance(a, ast.Starred) for a in call.args):
        return None
    place = keyword or call.args.index(node)
    if _function(path, call.func.id) is not None:
        return path, call.func.id, place
    for statement in ast.walk(_tree(path)):
        if isinstance(statement, ast.ImportFrom) and not statement.level:
            for alias in statement.names:
                if (alias.asname or alias.name) == call.func.id:
                    other = library.parent.joinpath(*statement.module.split(".")).with_suffix(".py")
                    return (other, alias.name, place) if _function(other, alias.name) else None
    return None


def _literal(path, node):
    """The value of an expression of constants, or of a name that stands for one in its file."""
    if isinstance(node, ast.Name):
        assigned = [one for one in _tree(path).body if isinstance(one, ast.Assign)]
        names = [[getattr(target, "id", None) for target in one.targets] for one in assigned]
        values = [one.value for one, to in zip(assigned, names, strict=True) if node.id in to]
        node = values[0] if len(values) == 1 else None
    try:
        return None if node is None else ast.literal_eval(node)
    except (ValueError, TypeError):
        return None


@functools.cache
def _tree(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"), path)
    except (OSError, SyntaxError, ValueError):
        return ast.Module([], [])


@functools.cache
def _function(path: Path, name: str) -> ast.FunctionDef | None:
    """A function of a file, by name."""
    for node in _tree(path).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    return None
