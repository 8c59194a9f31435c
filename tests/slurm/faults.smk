"""Jobs that a cluster makes fail, for the tests of the profile."""


def attempt_number(wildcards, attempt):
    return attempt


def memory(wildcards, attempt):
    return 1000 * attempt


rule all:
    input:
        "over_memory.txt",
        "over_time.txt",
        "cancelled.txt",
        "patient.txt",


rule over_memory:
    output:
        "over_memory.txt",
    threads: 1
    resources:
        mem_mb=memory,
        runtime=10,
        number=attempt_number,
    shell:
        "python -c 'import time; held = bytearray(1500000000); held[::4096] = bytes([1]) * len(held[::4096]); time.sleep(90 if {resources.number} == 1 else 1)'"
        " && echo {resources.number} > {output}"


rule over_time:
    output:
        "over_time.txt",
    threads: 1
    resources:
        mem_mb=1000,
        runtime=attempt_number,
        number=attempt_number,
    shell:
        "touch {rule}.started; if [ {resources.number} = 1 ]; then sleep 300; fi; echo {resources.number} > {output}"


rule cancelled:
    output:
        "cancelled.txt",
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
        number=attempt_number,
    shell:
        "touch {rule}.started; if [ {resources.number} = 1 ]; then sleep 300; fi; echo {resources.number} > {output}"


rule patient:
    output:
        "patient.txt",
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
        number=attempt_number,
    shell:
        "touch {rule}.started; while [ ! -e release ]; do sleep 1; done; echo {resources.number} > {output}"


rule long:
    output:
        "long.txt",
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    shell:
        "echo $SLURM_JOB_ID >> started.txt; sleep 30; touch {output}"
