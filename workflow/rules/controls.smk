"""Show what the chosen models are worth, from development data alone.

A control is a module of scripts/deeprules/controls and a key of `controls` in the configuration.
How often each is repeated is planned first, and which job makes it: what takes about a minute is
made by one process, which starts and traces a network once.

INPUTS   results/split/train/, results/split/tune/, results/tune/<model>/best.yaml and, as a control
         needs them, the final fits and other splits of the development data;
         results/frozen.json (it names the chosen models); results/tune/trials.tsv and logs/
         (what a repeat costs); for models that start from a pretrained one, its folder, contract
         and activations; for users' tools, results/tools/; results/homology/clusters.parquet for
         sequences; config: controls, split.block_size, homology
OUTPUTS  results/split/stringency/: splits.parquet, nearest.parquet, splits.json;
         results/controls/plan.json; results/controls/tables/<model>/<job>/<control>.parquet;
         results/controls/<control>/table.tsv and summary.json
         (what has been made is kept in results/controls/made/<model>/<control>/)
"""


rule draw_splits:
    input:
        unpack(clusters_of_sequences),
        **development(),
        dataset="results/dataset/dataset.json",
    output:
        splits="results/split/stringency/splits.parquet",
        nearest="results/split/stringency/nearest.parquet",
        split_facts="results/split/stringency/splits.json",
    log:
        "logs/draw_splits.log",
    conda:
        "../../envs/homology.yaml"
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        block_size=config["split"]["block_size"],
        coverage=config["homology"]["coverage"],
        seed=config["seed"],
        library=library("draw_splits"),
    script:
        "../../scripts/draw_splits.py"


# What is planned here decides which files of controls are asked for.
checkpoint plan_controls:
    input:
        **development(),
        **splits_of_development(),
        dataset="results/dataset/dataset.json",
        trials="results/tune/trials.tsv",
        frozen="results/frozen.json",
    output:
        plan="results/controls/plan.json",
    log:
        "logs/plan_controls.log",
    conda:
        TRAIN_ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        logs=in_run("logs"),
        budget=config["controls"]["budget"],
        controls={name: control.settings for name, control in CONTROLS.items()},
        audited=audited_models(config, MODELS),
        library=library("plan_controls", *(f"controls.{name}" for name in CONTROLS)),
    script:
        "../../scripts/plan_controls.py"


# They are the longest jobs of their time, so they start first.
rule run_controls:
    input:
        unpack(control_inputs),
        **development(),
        dataset="results/dataset/dataset.json",
    output:
        tables=directory("results/controls/tables/{model}/{job}"),
    log:
        "logs/run_controls/{model}/{job}.log",
    priority: 2
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        **FIT_TERMS,
        planned=controls_of_job,
        settings=control_settings,
        code=code_of_controls,
        objective=config["tuning"]["objective"],
        bootstrap=config["evaluation"]["bootstrap"],
        folder=in_run("results/controls/made/{model}"),
        library=model_library("run_controls"),
    script:
        "../../scripts/run_controls.py"


# One job, as each of them takes longer to start than to summarise.
rule summarise_controls:
    input:
        **splits_of_development(),
        **development(),
        tables=planned_tables,
        dataset="results/dataset/dataset.json",
        frozen="results/frozen.json",
    output:
        tables=report(
            expand("results/controls/{control}/table.tsv", control=CONTROLS),
            caption="../report/control.rst",
            category="Controls",
        ),
        summaries=expand("results/controls/{control}/summary.json", control=CONTROLS),
    log:
        "logs/summarise_controls.log",
    # The conclusion waits for it alone at the end.
    priority: 2
    conda:
        TRAIN_ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        settings={name: control.settings for name, control in CONTROLS.items()},
        objective=config["tuning"]["objective"],
        minimum_gain=config["evaluation"]["minimum_gain"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
        library=library("summarise_controls", *(f"controls.{name}" for name in CONTROLS)),
    script:
        "../../scripts/summarise_controls.py"
