"""Show what the chosen models are worth, from development data alone.

A control is a module of scripts/deeprules/controls and a key of `controls` in the configuration.
How often each is repeated is planned first.

INPUTS   results/split/train/, results/split/tune/, results/tune/<model>/best.yaml and, as a control
         needs them, the final fits and other splits of the development data;
         results/frozen.json (it names the chosen models); results/tune/trials.tsv and logs/
         (what a repeat costs); for models that start from a pretrained one, its folder, contract
         and activations; for users' tools, results/tools/; results/homology/clusters.parquet for
         sequences; config: controls, split.block_size, homology
OUTPUTS  results/split/stringency/: splits.parquet, nearest.parquet, splits.json;
         results/controls/plan.json; results/controls/<control>/<model>/<repeats>.parquet,
         table.tsv and summary.json
         (fits of an unfinished control may be kept in results/controls/<control>/<model>/fits/)
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
        library=library("plan_controls", *(f"controls.{name}" for name in CONTROLS)),
    script:
        "../../scripts/plan_controls.py"


rule run_control:
    input:
        unpack(control_inputs),
        **development(),
        dataset="results/dataset/dataset.json",
    output:
        table="results/controls/{control}/{model}/{repeats}.parquet",
    log:
        "logs/run_control/{control}/{model}/{repeats}.log",
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        **FIT_TERMS,
        settings=control_settings,
        objective=config["tuning"]["objective"],
        bootstrap=config["evaluation"]["bootstrap"],
        folder=in_run("results/controls/{control}/{model}/fits"),
        library=control_library("run_control"),
    script:
        "../../scripts/run_control.py"


rule summarise_control:
    input:
        unpack(summary_inputs),
        **development(),
        tables=planned_tables,
        dataset="results/dataset/dataset.json",
        frozen="results/frozen.json",
    output:
        table=report(
            "results/controls/{control}/table.tsv",
            caption="../report/control.rst",
            category="Controls",
        ),
        summary="results/controls/{control}/summary.json",
    log:
        "logs/summarise_control/{control}.log",
    conda:
        TRAIN_ENVIRONMENT
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        settings=control_settings,
        objective=config["tuning"]["objective"],
        minimum_gain=config["evaluation"]["minimum_gain"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
        library=control_library("summarise_control"),
    script:
        "../../scripts/summarise_control.py"
