"""What may be injected into a run, where, and how often.

`plan` holds a chaos plan as typed values, `sites` says where an entry may act,
`controller` asks the chooser at every such place and has `injections` carry it out.
"""
