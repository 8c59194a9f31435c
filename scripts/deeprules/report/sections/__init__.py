"""The sections of the report, a module each; their order stands in `page.SECTIONS`.

All but the verdict, which is the first screen, are folded under their title and the worst status of
their checks. A check that does not pass is also among what weighs against the verdict.

A module has `section(results) -> Section | None`. It gives None in a run without what it shows;
`WITHOUT`, if it has that, then says what is missing on which tip. Its template,
`workflow/report/sections/<name>.html.j2`, is given its `tables`, `figures` and `said`, the
`results` and the macros of `macros.html.j2`. A result is known by the name that its file has in
`workflow/rules/reported.smk`, where only the files of a new stage are added.
"""
