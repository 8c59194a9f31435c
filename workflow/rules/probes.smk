"""Ask what the last hidden layer of the chosen network knows of batch and composition.

INPUTS   results/split/train/, results/split/tune/, results/fit/<model>/real/seed1/model.keras,
         results/frozen.json (it names the chosen network); folder and contract of the pretrained
         models that networks start from
OUTPUTS  results/controls/probes.tsv
"""


rule probe_hidden_layer:
    input:
        **development(),
        dataset="results/dataset/dataset.json",
        frozen="results/frozen.json",
        model=chosen_network,
        pretrained=[pretrained_folder(name) for name in PRETRAINED_USED],
        contracts=[pretrained_contract(name) for name in PRETRAINED_USED],
    output:
        scores=report(
            "results/controls/probes.tsv",
            caption="../report/probes.rst",
            category="Controls",
        ),
    log:
        "logs/probe_hidden_layer.log",
    benchmark:
        "benchmarks/probe_hidden_layer.tsv"
    conda:
        "../../envs/train.yaml"
    threads: config["compute"]["threads"]
    resources:
        mem_mb=config["compute"]["mem_mb"],
        runtime=config["compute"]["runtime"],
    params:
        examples=5000,
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
        backend=config["compute"]["backend"],
        transfer=TRANSFER,
        library=library("probe_hidden_layer"),
    script:
        "../../scripts/probe_hidden_layer.py"
