"""What a finished run says of new examples and of variants.

A finished run is packed into one folder (`packing`), which holds all that a prediction needs and
nothing of the test set but hashes. The folder is read by `packed`; new examples come in by the
readers that every example comes in by (`new_examples`), variants by `variant_files`.
"""
