"""Show what the chosen models respond to, from development data alone.

They are those that freezing chose by their score on tune, whatever the test says later: of
sequences the network, of tables network and baseline, and a linear model for its coefficients.

INPUTS   results/split/train/, results/split/tune/, results/tune/<model>/best.yaml, the final fits of
         the network and those of logistic regression; for a model that starts from a pretrained
         one, its folder and contract; results/controls/plan.json (it names the network); the
         user's MEME file; config: interpret
OUTPUTS  results/interpret/<model>/: attributions.npz, attributions.parquet, null.keras (the network
         fitted to shuffled labels), motifs.json, logos.json, summary.json, and the tables motifs,
         positions, sites, matches, effects, pairs and kmers.
         Of models of tables: features.json, importance.tsv, shapley.tsv, coefficients.tsv.
         results/panel/: panel.tsv, curve.tsv, panel.json, score_panel.py
"""


rule attribute_network:
    input:
        unpack(model_inputs),
        **development(),
        dataset="results/dataset/dataset.json",
        best="results/tune/{model}/best.yaml",
        fit_model=fits_of("model"),
    output:
        attributions="results/interpret/{model}/attributions.npz",
        table="results/interpret/{model}/attributions.parquet",
        null="results/interpret/{model}/null.keras",
    log:
        "logs/attribute_network/{model}.log",
    # More waits for it, one job after another, than for any control.
    priority: 3
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        **FIT_TERMS,
        sequences=INTERPRETATION["sequences"],
        library=model_library("attribute_network"),
    script:
        "../../scripts/attribute_network.py"


rule find_motifs:
    input:
        unpack(known_motifs),
        attributions="results/interpret/{model}/attributions.npz",
    output:
        motifs="results/interpret/{model}/motifs.json",
        matches="results/interpret/{model}/matches.tsv",
        logos="results/interpret/{model}/logos.json",
    log:
        "logs/find_motifs/{model}.log",
    conda:
        "../../envs/interpret.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        compares=INTERPRETATION["motifs"] is not False,
        library=library("find_motifs"),
    script:
        "../../scripts/find_motifs.py"


rule try_motifs:
    input:
        unpack(model_inputs),
        unpack(logistic_regressions),
        **development(),
        dataset="results/dataset/dataset.json",
        fit_model=fits_of("model"),
        null="results/interpret/{model}/null.keras",
        attributions_table="results/interpret/{model}/attributions.parquet",
        found="results/interpret/{model}/motifs.json",
        matches="results/interpret/{model}/matches.tsv",
    output:
        summary="results/interpret/{model}/summary.json",
        motifs="results/interpret/{model}/motifs.tsv",
        sites="results/interpret/{model}/sites.tsv",
        positions="results/interpret/{model}/positions.tsv",
        effects="results/interpret/{model}/effects.tsv",
        pairs="results/interpret/{model}/pairs.tsv",
        kmers="results/interpret/{model}/kmers.tsv",
    log:
        "logs/try_motifs/{model}.log",
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        sequences=INTERPRETATION["sequences"],
        seed=config["seed"],
        library=model_library("try_motifs"),
    script:
        "../../scripts/try_motifs.py"


rule explain_features:
    input:
        unpack(model_inputs),
        **development(),
        dataset="results/dataset/dataset.json",
        feature_names="results/dataset/feature_names.txt",
        best="results/tune/{model}/best.yaml",
        fit_model=all_fits,
    output:
        summary="results/interpret/{model}/features.json",
        importance="results/interpret/{model}/importance.tsv",
        shapley="results/interpret/{model}/shapley.tsv",
        coefficients="results/interpret/{model}/coefficients.tsv",
    log:
        "logs/explain_features/{model}.log",
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus,
    params:
        **FIT_TERMS,
        library=model_library("explain_features"),
    script:
        "../../scripts/explain_features.py"


rule find_panel:
    input:
        unpack(panel_inputs),
        **development(),
        plan="results/controls/plan.json",
        dataset="results/dataset/dataset.json",
        feature_names="results/dataset/feature_names.txt",
    output:
        panel="results/panel/panel.tsv",
        curve="results/panel/curve.tsv",
        summary="results/panel/panel.json",
        program="results/panel/score_panel.py",
    log:
        "logs/find_panel.log",
    conda:
        "../../envs/explore.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        metric=config["tuning"]["objective"],
        seed=config["seed"],
        library=library("find_panel", "interpret.panel_scorer"),
    script:
        "../../scripts/find_panel.py"
