"""What earlier runs tell, and when it is told."""

from __future__ import annotations

from emu.search.calibration import WINDOW, Calibration, Calibrator, Measure, generation_end


def test_nothing_is_known_without_measures() -> None:
    assert Calibration().horizon == 0
    assert Calibration((Measure(9),)).horizon == 9


def test_the_horizon_is_the_longest_run() -> None:
    assert Calibration((Measure(9), Measure(12), Measure(10))).horizon == 12


def test_sites_come_from_runs_that_the_entry_left_alone() -> None:
    measures = (Measure(9, (5, 0), (0, 0)), Measure(3, (2, 7), (1, 0)), Measure(9, (6, 8), (0, 2)))

    assert Calibration(measures).sites(0) == (5, 6)
    assert Calibration(measures).sites(1) == (7,)


def test_a_run_that_a_limit_cut_has_no_length() -> None:
    calibrator = Calibrator()
    calibrator.add(Measure(20_000), cut=True)
    calibrator.add(Measure(12), cut=False)

    assert calibrator.calibration().horizon == 12


def test_runs_that_a_limit_cut_count_where_there_is_no_other() -> None:
    calibrator = Calibrator()
    calibrator.add(Measure(20_000), cut=True)

    assert calibrator.calibration().horizon == 20_000


def test_only_the_latest_runs_are_remembered() -> None:
    calibrator = Calibrator()
    calibrator.add(Measure(1_000), cut=False)
    for _ in range(WINDOW):
        calibrator.add(Measure(10), cut=False)

    assert calibrator.calibration().horizon == 10


def test_generations_double() -> None:
    assert [generation_end(run) for run in range(9)] == [1, 2, 4, 4, 8, 8, 8, 8, 16]
