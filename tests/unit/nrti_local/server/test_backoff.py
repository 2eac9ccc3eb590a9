from nrti_local.server.processes.backoff import Backoff


def test_waits_double_up_to_ten_seconds_and_begin_anew_after_a_long_life() -> None:
    backoff = Backoff()

    assert [backoff.after(1) for _ in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10]
    assert [backoff.after(lived) for lived in (1, 11, 1)] == [10, 0.2, 0.4]
