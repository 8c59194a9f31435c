"""Apply a finished run to new examples, which leaves the run as it is.

INPUTS   config: predict, variants; a finished run (here, or the folder that `run` names), which is
         read as it lies there: no rule of a run stands before these
OUTPUTS  results/model/ (a folder that predicts by itself); results/predict/<name>/: predictions.tsv
         and .parquet, scores.tsv, summary.json, report.html; results/variants/<name>/: effects.tsv
         and .parquet, effects.vcf.gz, excluded.tsv, summary.json
"""


rule predict:
    input:
        all_predictions,


rule pack_model:
    output:
        model=directory("results/model"),
    log:
        "logs/pack_model.log",
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        run=RUN,
        contents=contents_of_run,
        library=library("pack_model"),
    script:
        "../../scripts/pack_model.py"


use rule pack_model as pack_other_model with:
    output:
        model=directory("resources/models/{name}"),
    log:
        "logs/pack_model/{name}.log",
    wildcard_constraints:
        name=one_of(name for name in NEW if NEW[name].get("run")),
    params:
        run=run_of_name,
        contents=contents_of_run,
        library=library("pack_model"),


use rule download_source as download_new with:
    output:
        data="resources/new/{source}/{filename}",
        record="resources/records/new/{source}/{filename}.json",
    log:
        "logs/download_source/new/{source}/{filename}.log",
    wildcard_constraints:
        source=one_of(name for name in NEW if "url" in NEW[name]),
    params:
        name="{source}",
        source=of_source(as_sources(config), "url", "version", "sha256"),
        place=place_of_new,
        content=local_content(as_sources(config)),
        mirrors=MARKED_MIRRORS,
        pin=in_run("records/new/{source}.json"),
        ledger=in_run("records/new/ledger"),
        library=library("download_source"),


use rule simulate_source as simulate_new with:
    output:
        data="resources/new/{source}/{filename}",
        provenance="resources/records/new/{source}/{filename}.json",
    log:
        "logs/simulate_source/new/{source}/{filename}.log",
    wildcard_constraints:
        source=one_of(name for name in NEW if "simulate" in NEW[name]),
    params:
        name="{source}",
        source=lookup(dpath="{source}", within=NEW),
        seed=config["seed"],
        library=library("simulate_source"),


rule read_new_examples:
    input:
        model=packed_model,
        files=new_files,
    output:
        examples=temp("results/predict/{name}/examples.parquet"),
        features=temp("results/predict/{name}/features.npy"),
        summary="results/predict/{name}/examples.json",
    log:
        "logs/read_new_examples/{name}.log",
    wildcard_constraints:
        name=one_of(PREDICTED),
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        model_name=lookup(dpath="predict/{name}/model", within=config),
        overlap=lookup(dpath="predict/{name}/overlap", within=config),
        defaults=data_defaults(),
        sources=settings_of_new,
        library=readers_of_new,
    script:
        "../../scripts/read_new_examples.py"


rule predict_examples:
    input:
        model=packed_model,
        examples="results/predict/{name}/examples.parquet",
        features="results/predict/{name}/features.npy",
        read="results/predict/{name}/examples.json",
    output:
        predictions="results/predict/{name}/predictions.tsv",
        parquet="results/predict/{name}/predictions.parquet",
        scores="results/predict/{name}/scores.tsv",
        summary="results/predict/{name}/summary.json",
    log:
        "logs/predict_examples/{name}.log",
    wildcard_constraints:
        name=one_of(PREDICTED),
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus_to_predict,
    params:
        model=lookup(dpath="predict/{name}/model", within=config),
        seed=config["seed"],
        arithmetic=ARITHMETIC,
        library=library("predict_examples", *MODEL_PLUGINS.values()),
    script:
        "../../scripts/predict_examples.py"


rule report_predictions:
    input:
        summary="results/predict/{name}/summary.json",
        scores="results/predict/{name}/scores.tsv",
        predictions="results/predict/{name}/predictions.parquet",
        template=FOLDER / "workflow" / "report" / "predictions.html.j2",
    output:
        html="results/predict/{name}/report.html",
    log:
        "logs/report_predictions/{name}.log",
    wildcard_constraints:
        name=one_of(PREDICTED),
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        library=library("report_predictions"),
    script:
        "../../scripts/report_predictions.py"


rule read_variants:
    input:
        model=packed_model,
        files=new_files,
    output:
        variants=temp("results/variants/{name}/variants.parquet"),
        windows=temp("results/variants/{name}/windows.codes"),
        shuffled=temp("results/variants/{name}/shuffled.codes"),
        excluded="results/variants/{name}/excluded.tsv",
        summary="results/variants/{name}/variants.json",
    log:
        "logs/read_variants/{name}.log",
    wildcard_constraints:
        name=one_of(config["variants"]),
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        settings=settings_of_variants,
        sources=settings_of_new,
        seed=config["seed"],
        library=library("read_variants"),
    script:
        "../../scripts/read_variants.py"


rule score_variants:
    input:
        model=packed_model,
        variants="results/variants/{name}/variants.parquet",
        windows="results/variants/{name}/windows.codes",
        shuffled="results/variants/{name}/shuffled.codes",
        read="results/variants/{name}/variants.json",
    output:
        effects="results/variants/{name}/effects.tsv",
        parquet="results/variants/{name}/effects.parquet",
        summary="results/variants/{name}/summary.json",
    log:
        "logs/score_variants/{name}.log",
    wildcard_constraints:
        name=one_of(config["variants"]),
    conda:
        TRAIN_ENVIRONMENT
    threads: config["compute"]["threads"]
    resources:
        mem_mb=memory,
        runtime=time_limit,
        gpu=gpus_to_predict,
    params:
        model=lookup(dpath="variants/{name}/model", within=config),
        arithmetic=ARITHMETIC,
        library=library("score_variants", *MODEL_PLUGINS.values()),
    script:
        "../../scripts/score_variants.py"


rule annotate_variants:
    input:
        files=new_files,
        effects="results/variants/{name}/effects.parquet",
        summary="results/variants/{name}/summary.json",
    output:
        vcf="results/variants/{name}/effects.vcf.gz",
    log:
        "logs/annotate_variants/{name}.log",
    wildcard_constraints:
        name=one_of(config["variants"]),
    conda:
        "../../envs/dataset.yaml"
    threads: 1
    resources:
        mem_mb=memory,
        runtime=time_limit,
    params:
        format=lookup(dpath="variants/{name}/format", within=config),
        library=library("annotate_variants"),
    script:
        "../../scripts/annotate_variants.py"
