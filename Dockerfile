FROM condaforge/miniforge3:latest
LABEL io.github.snakemake.containerized="true"
LABEL io.github.snakemake.conda_env_hash="4407c0d8c0bf5f16380b35292c5b7d198c4b72bc266ffeb325c33f704ffa0fba"
# Conda environment:
#   source: envs/archive.yaml
#   prefix: /conda-envs/ce9cbd74d5f308a4b20080aa40b02556
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - numpy =2.1.3
#     - pandas =2.3.3
#     - pyyaml =6.0.3
#     - rocrate =0.14.2
RUN mkdir -p /conda-envs/ce9cbd74d5f308a4b20080aa40b02556
COPY envs/archive.yaml /conda-envs/ce9cbd74d5f308a4b20080aa40b02556/environment.yaml
# Conda environment:
#   source: envs/dataset.yaml
#   prefix: /conda-envs/bf3c4121f18a681e970e8d946e65a0f3
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - anndata =0.12.6
#     - h5py =3.14.0
#     - numpy =2.1.3
#     - openpyxl =3.1.5
#     - pandas =2.3.3
#     - pyarrow =21.0.0
#     - pybigwig =0.3.24
#     - pysam =0.23.3
#     - pyyaml =6.0.3
#     - scikit-learn =1.8.0
#     - scipy =1.17.0
RUN mkdir -p /conda-envs/bf3c4121f18a681e970e8d946e65a0f3
COPY envs/dataset.yaml /conda-envs/bf3c4121f18a681e970e8d946e65a0f3/environment.yaml
# Conda environment:
#   source: envs/download.yaml
#   prefix: /conda-envs/ce0ce423914803ea495a5891efd8cc74
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - pooch =1.8.2
#     - requests =2.32.5
#     - tqdm =4.67.1
#     - pandas =2.3.3
#     - numpy =2.1.3
RUN mkdir -p /conda-envs/ce0ce423914803ea495a5891efd8cc74
COPY envs/download.yaml /conda-envs/ce0ce423914803ea495a5891efd8cc74/environment.yaml
# Conda environment:
#   source: envs/explore.yaml
#   prefix: /conda-envs/7bb0c191a9fec4cdcf1fc7b9309010aa
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - matplotlib-base =3.10.9
#     - numpy =2.1.3
#     - pandas =2.3.3
#     - pyarrow =21.0.0
#     - scikit-learn =1.8.0
#     - scipy =1.17.0
RUN mkdir -p /conda-envs/7bb0c191a9fec4cdcf1fc7b9309010aa
COPY envs/explore.yaml /conda-envs/7bb0c191a9fec4cdcf1fc7b9309010aa/environment.yaml
# Conda environment:
#   source: envs/homology.yaml
#   prefix: /conda-envs/30346108864876f91f9af1755ea973e5
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - mmseqs2 =18.8cc5c
#     - numpy =2.1.3
#     - pandas =2.3.3
#     - pyarrow =21.0.0
#     - pyyaml =6.0.3
#     - scikit-learn =1.8.0
#     - scipy =1.17.0
RUN mkdir -p /conda-envs/30346108864876f91f9af1755ea973e5
COPY envs/homology.yaml /conda-envs/30346108864876f91f9af1755ea973e5/environment.yaml
# Conda environment:
#   source: envs/kipoi.yaml
#   prefix: /conda-envs/3c47a593152069cc4da748645dcbb922
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - attrs =21.4.0
#     - h5py =3.14.0
#     - jinja2 =3.1.6
#     - keras =3.15.0
#     - kipoi =0.8.6
#     - numpy =2.1.3
#     - pandas =2.3.3
#     - pooch =1.8.2
#     - pyyaml =6.0.3
#     - requests =2.32.5
#     - scipy =1.17.0
#     - setuptools =80.9.0
#     - tensorflow =2.19.1=cpu*
#     - tqdm =4.67.1
RUN mkdir -p /conda-envs/3c47a593152069cc4da748645dcbb922
COPY envs/kipoi.yaml /conda-envs/3c47a593152069cc4da748645dcbb922/environment.yaml
# Conda environment:
#   source: envs/report.yaml
#   prefix: /conda-envs/ba1c8d5012628f64ab981a6897f33409
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - jinja2 =3.1.6
#     - markupsafe =3.0.3
#     - numpy =2.1.3
#     - pandas =2.3.3
#     - plotly =6.9.0
#     - pyarrow =21.0.0
#     - pyyaml =6.0.3
#     - scikit-learn =1.8.0
#     - scipy =1.17.0
RUN mkdir -p /conda-envs/ba1c8d5012628f64ab981a6897f33409
COPY envs/report.yaml /conda-envs/ba1c8d5012628f64ab981a6897f33409/environment.yaml
# Conda environment:
#   source: envs/train.yaml
#   prefix: /conda-envs/1bd819dd2ff1978bdca09ce9a0832186
#   channels:
#     - conda-forge
#     - bioconda
#   dependencies:
#     - python =3.12.12
#     - attrs =21.4.0
#     - h5py =3.14.0
#     - keras =3.15.0
#     - keras-tuner =1.4.8
#     - kipoi =0.8.6
#     - lightgbm =4.6.0
#     - numpy =2.1.3
#     - openpyxl =3.1.5
#     - pandas =2.3.3
#     - pyarrow =21.0.0
#     - pyyaml =6.0.3
#     - scikit-learn =1.8.0
#     - scipy =1.17.0
#     - setuptools =80.9.0
#     - six =1.17.0
#     - tensorflow =2.19.1=cpu*
RUN mkdir -p /conda-envs/1bd819dd2ff1978bdca09ce9a0832186
COPY envs/train.yaml /conda-envs/1bd819dd2ff1978bdca09ce9a0832186/environment.yaml

RUN conda env create --prefix /conda-envs/ce9cbd74d5f308a4b20080aa40b02556 --file /conda-envs/ce9cbd74d5f308a4b20080aa40b02556/environment.yaml && \
    conda env create --prefix /conda-envs/bf3c4121f18a681e970e8d946e65a0f3 --file /conda-envs/bf3c4121f18a681e970e8d946e65a0f3/environment.yaml && \
    conda env create --prefix /conda-envs/ce0ce423914803ea495a5891efd8cc74 --file /conda-envs/ce0ce423914803ea495a5891efd8cc74/environment.yaml && \
    conda env create --prefix /conda-envs/7bb0c191a9fec4cdcf1fc7b9309010aa --file /conda-envs/7bb0c191a9fec4cdcf1fc7b9309010aa/environment.yaml && \
    conda env create --prefix /conda-envs/30346108864876f91f9af1755ea973e5 --file /conda-envs/30346108864876f91f9af1755ea973e5/environment.yaml && \
    conda env create --prefix /conda-envs/3c47a593152069cc4da748645dcbb922 --file /conda-envs/3c47a593152069cc4da748645dcbb922/environment.yaml && \
    conda env create --prefix /conda-envs/ba1c8d5012628f64ab981a6897f33409 --file /conda-envs/ba1c8d5012628f64ab981a6897f33409/environment.yaml && \
    conda env create --prefix /conda-envs/1bd819dd2ff1978bdca09ce9a0832186 --file /conda-envs/1bd819dd2ff1978bdca09ce9a0832186/environment.yaml && \
    conda clean --all -y
