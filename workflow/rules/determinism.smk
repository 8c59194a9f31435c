"""Fit the chosen model once more under the same seed, in a process of its own: is it the same?

INPUTS   results/split/train/, results/split/tune/, results/fit/<model>/real/seed1/,
         results/tune/<model>/best.yaml, results/frozen.json (it names the chosen models); for a
         model that starts from a pretrained one, its folder, contract and activations; for a user's
         tool, results/tools/<model>.json
OUTPUTS  results/controls/determinism.json
"""


rule certify_determinism:
    input:
        unpack(fit_to_repeat),
        **development(),
        dataset="results/dataset/dataset.json",
        frozen="results/frozen.json",
    output:
        result=report(
            "results/controls/determinism.json",
            caption="../report/determinism.rst",
            category="Controls",
        ),
    log:
        "logs/certify_determinism.log",
    benchmark:
        "benchmarks/certify_determinism.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["compute"]["threads"]
    resources:
        mem_mb=config["compute"]["mem_mb"],
        runtime=config["compute"]["runtime"],
        gpu=config["compute"]["gpu"] if NETWORKS else 0,
    params:
        fit=SEEDS[0],
        seed=config["seed"],
        objective=config["tuning"]["objective"],
        backend=config["compute"]["backend"],
        max_epochs=config["tuning"]["max_epochs"],
        patience=config["tuning"]["patience"],
        in_memory_mb=config["fit"]["in_memory_mb"],
        library=library("certify_determinism", *MODEL_PLUGINS.values()),
    script:
        "../../scripts/certify_determinism.py"
