"""Why `--jobs` and `--scheduler` do not use joblib (docs/decisions/0004): what it keeps when one mail kills a worker.

    python benchmarks/joblib_workers.py

Forty chunks, the eighth of which kills the process that takes it. On processes (loky) and on Dask, two workers each.
"""

import logging
import os
import signal
import time

from joblib import Parallel, delayed, parallel_config

CHUNKS = 40
DEADLY = 7
LONGEST = 60.0


def chunk(number: int) -> int:
    if number == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    return number


def show(name: str) -> None:
    kept: list[int] = []
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(int(LONGEST))
    try:
        kept.extend(Parallel(n_jobs=2, return_as="generator", pre_dispatch=8)(delayed(chunk)(i) for i in range(CHUNKS)))
        end = "ended"
    except BaseException as error:  # noqa: BLE001  how it fails is what is shown
        end = f"ended by {type(error).__name__}"
    finally:
        signal.alarm(0)
    print(f"{name:6} {end}; {len(kept)} of {CHUNKS - 1} harmless chunks kept")


def _too_long(*_: object) -> None:
    raise TimeoutError


def main() -> None:
    show("loky")
    from distributed import Client, LocalCluster

    logging.disable(logging.CRITICAL)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        with parallel_config(backend="dask"):
            show("dask")
        os._exit(0)  # the cluster would wait for what was abandoned


if __name__ == "__main__":
    main()
