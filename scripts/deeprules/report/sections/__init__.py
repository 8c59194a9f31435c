"""The sections of the report, a module each; `page.SECTIONS` holds their order."""
