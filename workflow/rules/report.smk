"""Record the run and write the report.

INPUTS   everything above
OUTPUTS  results/config.yaml, results/study.json, results/run/run.json,
         results/report/report.html
"""
