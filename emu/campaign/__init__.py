"""Many explorations in a row: a plan says which, a soak runs them.

    document   a plan as it is written; `chaostable` for the chaos in it
    mistakes   what is wrong with a TOML file, and with `lines`, where
    catalogue  scenarios by name; `recorded` finds what a log says was run
    plan       a plan that is ready to run
    soak       runs plans, entry after entry
    result     what became of an entry; `shelf` saves what it found
    overview   a campaign at a glance; `catch` has what it found, all, by the page, or one
    onefinding one finding by its files; `retelling` makes them when somebody asks
    elsewhere  the way back to a finding for whoever asks a service from another machine
    dossier    what a report has of a campaign; `logdossier` of logs and findings alone

A whole verdict is as bad as its worst part, and unknown is never met.
"""
