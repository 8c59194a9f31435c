"""The ledger of openings against what version control holds of it."""

from pathlib import Path

from deeprules.evaluate.ledger import damage, parse_entry
from deeprules.git import has_git, run_git


def is_tracked(folder: str | Path) -> bool:
    """Whether the last commit holds the ledger of a folder; False without git or a commit."""
    return _git(folder, "cat-file", "-e", "HEAD:./openings.jsonl") is not None


def check_history(folder: str | Path, entries: list[dict]) -> None:
    """Check that a ledger holds all that any commit before HEAD has of it, in the same order.

    Raises
    ------
    InputError that names the commit, if entries were removed or replaced since.
    """
    path = Path(folder) / "openings.jsonl"
    commits = _git(folder, "log", "--full-history", "--format=%H", "--", "openings.jsonl") or ""
    kept = [entry["sha256"] for entry in entries]
    for commit in commits.split():
        text = _git(folder, "show", f"{commit}:./openings.jsonl") or ""
        committed = [entry and entry.get("sha256") for entry in map(parse_entry, text.splitlines())]
        if kept[: len(committed)] != committed:
            raise damage(
                path,
                f"it has {len(kept)} entries, but not the {len(committed)} that commit "
                f"{commit[:12]} holds: entries were removed or replaced since",
            )


def _git(folder: str | Path, *arguments: str) -> str | None:
    """What a git command says in a folder; None where it fails or there is no git."""
    if not has_git() or not Path(folder).is_dir():
        return None
    outcome = run_git(folder, *arguments)
    return outcome.stdout if outcome.returncode == 0 else None
