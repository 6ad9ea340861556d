"""What may be injected into a run, where, and how often.

`entries` are the typed values that a `plan` is made of, `sites` says where an entry may act,
`controller` asks the chooser at every such place and has `injections` carry it out.
"""
