"""`snakemake check_data`: what is told before a run, with nothing kept that a run would use."""

import shutil

import yaml
from projects import FOLDER, snakemake

DATA = {
    "modality": "sequence",
    "task": "binary",
    "label": "class",
    "positive": "one",
    "sources": {
        name: {"url": f"data/{name}.fa", "format": "fasta", "values": {"class": name}}
        for name in ("one", "two")
    },
}


def test_it_needs_no_study_and_keeps_nothing_and_an_edit_is_no_second_error(tmp_path):
    (tmp_path / "data").mkdir()
    for number, name in enumerate(DATA["sources"]):
        bases = [
            "".join("ACGT"[(i + number) // 4**p % 4] for p in range(9)) for i in range(0, 80, 2)
        ]
        text = "".join(f">{name}{i}\n{sequence}\n" for i, sequence in enumerate(bases))
        (tmp_path / "data" / f"{name}.fa").write_text(text)
    (tmp_path / "config").mkdir()
    shutil.copy2(FOLDER / "config" / "new" / "study.yaml", tmp_path / "config")
    config = {"study": "config/study.yaml", "data": DATA, "models": {"logistic_regression": {}}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    file = tmp_path / "data" / "one.fa"
    sound = file.read_text()
    file.write_text(sound + ">last\nACG?ACGTA\n")
    result = snakemake(tmp_path, "check_data", cores=1)
    assert result.returncode != 0
    assert "1 problem in the input:\n  - data/one.fa, row 41 (last)" in result.stdout
    file.write_text(sound)
    for _ in range(2):  # it tells each time it is asked
        result = snakemake(tmp_path, "check_data", cores=1)
        assert result.returncode == 0, result.stdout[-3000:]
        assert "80 examples of 9 bases were read." in result.stdout
        assert "Label ('class'): one 40, two 40" in result.stdout
        assert "Nothing here stops a run." in result.stdout
    left = {path.name for path in tmp_path.iterdir()} - {".snakemake", "logs"}
    assert left == {"config", "config.yaml", "data", "resources"}
    assert {path.name for path in (tmp_path / "resources").iterdir()} == {"downloads", "records"}
