"""What of data that are not public may leave: nothing of one individual, and no count of a few.

Report, paper kit, archive and release show results through `disclosure.Disclosure`, and ask `gate`
whether a model may be given away.
"""
