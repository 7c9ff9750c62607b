"""Programs that tests start and interrupt."""

import signal


def hear_ctrl_c() -> None:
    """Undo what a shell does to its background jobs: they and their children ignore Ctrl-C.

    To be given as ``preexec_fn``; without it a suite that runs in the background would wait for programs to their end.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
