"""Search: many runs of one setup, each with another schedule, and the way back to any of them.

draw              whole numbers from a seed, equal on every machine
calibration       what earlier runs of an exploration have measured; `census`: of its threads
strategy          what every strategy has in common: chaos, timers, other choices
walk pct bursts   who runs next; `strategies` knows them by name
pos urw surw      who runs next, by what threads have done in earlier runs; `counted` counts it
rotation          gives every strategy its turn; learns from `novelty` who shows what is new
replay            follows a tape, strictly
exploration       what an exploration has found so far
explore           runs machines side by side, to a finding or a budget
exhaustive        runs every schedule, or every one within a bound; `answer` is what it can say
dpor bounded      which run comes next: one of every order, or all of them by rising cost
trail transition  a run that follows a prefix and remembers what it did; `statekey` names its state
dependence        which operations depend on each other; `footprint` and `orders` are for whole runs
trial             one run with all that it was asked; schedules as rules, followed leniently
shrink passes     from any run that finds something to the simplest tape that finds the same
nearest           the passing run that is nearest to a failing one
edge              where trio starts and Ctrl-C arrives
check             explores and raises what falsifies the expectation; testcase makes a test of it
"""
