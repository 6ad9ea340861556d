"""Many explorations in a row: a plan says which, a soak runs them.

`document` is a plan as it is written, `lines` and `mistakes` say where it is wrong and how,
`plan` is a plan that is ready to run, `catalogue` finds scenarios by name, and `soak` runs.
"""
