"""Folders in Kipoi format where they come from: a path, a repository, the Kipoi zoo."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deeprules.addresses import apply_mirrors, local_path, public_text, public_url
from deeprules.errors import InputError
from deeprules.git import has_git, run_git
from deeprules.paths import is_inside
from deeprules.pretrained.kipoi_folder import MODEL_FILES, checked_model_yaml, read_model_yaml
from deeprules.strict_text import parse_yaml

GIT = re.compile(r"git\+(?P<url>.+)@(?P<commit>[0-9a-f]{40})(#(?P<folder>.+))?")
ARCHIVED = (
    "The repositories of the Kipoi zoo are archived and part of the links in them is dead: look "
    "for the model at its authors', and give it as `folder` or `url`."
)


@dataclass(frozen=True)
class Origin:
    """A folder that holds a model, before anything of it is taken over.

    Attributes
    ----------
    folder : the model's folder
    root : files outside of it belong to something else; links must not lead there
    content : its model.yaml
    given, final : addresses, without secrets
    commit : commit of the repository, or None
    """

    folder: Path
    root: Path
    content: dict
    given: str
    final: str
    commit: str | None = None

    @property
    def facts(self) -> dict:
        """Addresses and commit, for the record."""
        return {"given": self.given, "final": self.final, "commit": self.commit}


def open_folder(address: str, scratch: Path, mirrors: Mapping[str, str]) -> Origin:
    """A folder on this machine, or one of a repository (`git+<url>@<commit>#<folder>`).

    Parameters
    ----------
    scratch : empty folder to clone into

    Raises
    ------
    InputError
        If there is no such folder, repository, commit or model.yaml.
    """
    match = GIT.fullmatch(address)
    if match is None:
        folder = local_path(apply_mirrors(address, mirrors))
        if folder is None or not folder.is_dir():
            raise InputError(f"{public_url(address)}: there is no such folder. Correct `folder`.")
        return Origin(folder, folder, _content(folder, folder), address, str(folder))
    url = apply_mirrors(match["url"], mirrors)
    clone(url, match["commit"], scratch)
    folder = scratch / (match["folder"] or "")
    if not folder.is_dir() or not is_inside(folder, scratch):
        raise InputError(
            f"{public_url(url)}: there is no folder `{match['folder']}` at commit "
            f"{match['commit']}. Correct what follows `#` in `folder`."
        )
    content = _content(folder, scratch)
    return Origin(folder, scratch, content, public_url(address), public_url(url), match["commit"])


def _content(folder: Path, root: Path) -> dict:
    """The model.yaml of a folder, which must not be a link to a file elsewhere."""
    if not all(is_inside(folder / name, root) for name in MODEL_FILES):
        raise InputError(f"{folder}: its model.yaml is a link that leads out of it.")
    return read_model_yaml(folder)


def clone(url: str, commit: str, folder: Path) -> None:
    """Check a commit of a repository out into an empty folder; large files of LFS stay away.

    Raises
    ------
    InputError
        If git is missing, or the repository or the commit cannot be had.
    """
    if not has_git():
        raise InputError("The program `git` is not installed; it is needed for `folder: git+...`.")
    settings = {"GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1"}
    for command, remedy in (
        (["clone", "--quiet", "--no-checkout", "--", url, str(folder)], "Check the address."),
        (["-C", str(folder), "checkout", "--quiet", "--detach", commit], "Correct the commit."),
    ):
        done = run_git(None, *command, settings=settings)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["git said nothing"])[-1]
            said = public_text(last, url)
            raise InputError(
                f"{public_url(url)}, commit {commit}: git could not fetch it: {said}. {remedy}"
            )


def open_zoo(name: str) -> Origin:
    """A model of the Kipoi zoo, from kipoi's own copy of the zoo's repository.

    Raises
    ------
    InputError
        If the zoo cannot be reached or has no model of this name.
    """
    import kipoi

    source = kipoi.get_source("kipoi")
    root = Path(source.local_path)
    try:
        folder = Path(source.pull_model(name))
    except (ValueError, AssertionError, OSError) as error:
        raise _zoo_fault(name, source, root, error) from error
    if not is_inside(folder, root):
        raise InputError(f"`kipoi: {name}` leads out of the Kipoi zoo. Correct the name.")
    remote = public_url(getattr(source, "remote_url", str(root)))
    return Origin(folder, root, _zoo_content(folder, root, name), name, remote, _commit(root))


def _zoo_fault(name: str, source, root: Path, error: Exception) -> InputError:
    """Why the zoo did not give a model: it cannot be reached, or has no such model."""
    if not root.is_dir() or not any(root.iterdir()):
        return InputError(
            f"`kipoi: {name}`: the Kipoi zoo could not be cloned into {root}. Check the "
            f"connection. {ARCHIVED}"
        )
    if not isinstance(error, ValueError):
        said = public_text(error)
        return InputError(f"`kipoi: {name}`: kipoi could not pull the model: {said}. {ARCHIVED}")
    known = source._list_components("model")
    near = difflib.get_close_matches(name, known, n=3)
    hint = f" Did you mean {' or '.join(f'`{other}`' for other in near)}?" if near else ""
    return InputError(
        f"`kipoi: {name}`: the Kipoi zoo has no model of this name among its {len(known)}.{hint}"
    )


def _zoo_content(folder: Path, root: Path, name: str) -> dict:
    """model.yaml of a model in the zoo, or that of its group with the model's values put in."""
    if any((folder / file).is_file() for file in MODEL_FILES):
        return _content(folder, root)
    from jinja2.sandbox import SandboxedEnvironment
    from kipoi.sources import LocalComponentGroup

    group = LocalComponentGroup.load(str(folder), "model")
    row = group.get_model_row(Path(name).relative_to(folder.relative_to(root)).as_posix())
    template = Path(group.component_template_yaml).read_text(encoding="utf-8")
    text = SandboxedEnvironment().from_string(template).render(**row)
    content = parse_yaml(text, group.component_template_yaml, plain_numbers=False)
    return checked_model_yaml(content, group.component_template_yaml)


def _commit(root: Path) -> str | None:
    """The commit that a clone stands at; None for a folder that is no clone of its own."""
    if not (root / ".git").exists():
        return None
    return run_git(root, "rev-parse", "HEAD").stdout.strip() or None
