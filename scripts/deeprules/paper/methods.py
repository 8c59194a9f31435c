"""The methods section: paragraphs under their headings."""

from collections.abc import Mapping

SECTIONS = {
    "Question and data": "question sources examples features",
    "What was left out, and what was looked for": "left_out batches giveaways",
    "Partitions": "split homologs",
    "Models": "models pretrained",
    "Search and training": "search training regularisation chosen checks",
    "Controls": """shuffled_labels split_stringency left_out_batches learning_curve
        nuisance_probes determinism membership_inference""",
    "What the models respond to": "responds",
    "What was decided before the test": "decided opening",
    "Test and statistics": "statistics scores slices subgroups confidence",
    "Result": "verdict cautions",
    "Ethics": "ethics",
    "Software, machine, time and energy": "software hardware cost seeds availability",
}
"""Headings of the section, and the paragraphs below each."""


def methods(said: Mapping[str, str], title: str) -> str:
    """The methods section in Markdown; a heading with nothing to say is left out."""
    parts = [f"# Methods: {title}"]
    for heading, names in SECTIONS.items():
        text = "\n\n".join(said[name] for name in names.split() if said[name])
        parts += [f"## {heading}", text] if text else []
    return "\n\n".join(parts) + "\n"
