"""What a batch costs and survives: throughput by jobs and cluster, growth, memory, kills. Seeded; made mail only.

    python benchmarks/batch.py throughput [MAILS]    1 job, 2 jobs, 2 Dask workers on this machine
    python benchmarks/batch.py growth [MAILS]        twice the mails: how much more time
    python benchmarks/batch.py memory [GIGABYTES]    peak memory of one run over a generated mbox
    python benchmarks/batch.py kills [KILLS]         kill -9 at random moments, then compare with a calm run
    python benchmarks/batch.py start [TIMES]         one message from a cold start, and `triage --help`

Wall-clock figures need an idle machine; `cpu` counts the seconds this program and its processes computed.
"""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from speed import make_mailbox

from triage.corpus import read_rows

ROOT = Path(__file__).parents[1]
TRIAGE = [sys.executable, "-m", "triage"]
SEED = 20_260_101


def apply(source: Path, out: Path, *options: str) -> tuple[float, float, int]:
    """Run the command; seconds on the clock, seconds computed, peak megabytes of the largest process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [*TRIAGE, "apply", str(source), "--out", str(out), "--model", str(ROOT / "models" / "commune"), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, after.ru_maxrss // 1024


def steady(out: Path) -> float:
    """Seconds of a run's work, start-up excluded, as its manifest says."""
    return json.loads((out / "run.json").read_text("utf-8"))["seconds"]


@contextmanager
def cluster(folder: Path, workers: int):
    """A Dask scheduler and worker processes on this machine; yields the address."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    options = {"cwd": folder, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    module = [sys.executable, "-m"]
    place = folder / "scheduler.json"
    scheduler = [*module, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    processes = [subprocess.Popen([*scheduler, "--scheduler-file", place], start_new_session=True, **options)]
    while not place.exists() or not place.read_text():
        time.sleep(0.2)
    address = json.loads(place.read_text())["address"]
    worker = [*module, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    processes += [subprocess.Popen(worker, start_new_session=True, **options) for _ in range(workers)]
    try:
        yield address
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def throughput(folder: Path, count: int) -> None:
    source = folder / "in.mbox"
    make_mailbox(source, count)
    print(f"{'':16} {'mails/s':>8} {'ratio':>6} {'cpu s':>7}")
    base = 0.0
    with cluster(folder, 2) as address:
        for name, options in (
            ("1 job", ("--jobs", "1")),
            ("2 jobs", ("--jobs", "2")),
            ("2 Dask workers", ("--scheduler", address)),
        ):
            out = folder / name.replace(" ", "-")
            _, cpu, _ = apply(source, out, *options)
            rate = count / steady(out)
            base = base or rate
            print(f"{name:16} {rate:8.0f} {rate / base:6.2f} {cpu:7.1f}")
    same = len({(folder / name / "results.jsonl").read_bytes() for name in ("1-job", "2-jobs", "2-Dask-workers")})
    print(f"identical results: {'yes' if same == 1 else 'NO'}")


def growth(folder: Path, count: int) -> None:
    found = []
    for times in (1, 2):
        make_mailbox(folder / f"{times}.mbox", count * times)
        apply(folder / f"{times}.mbox", folder / f"out{times}")
        found.append(steady(folder / f"out{times}"))
    print(f"{count} mails {found[0]:.1f} s, {2 * count} mails {found[1]:.1f} s: factor {found[1] / found[0]:.2f}")


def memory(folder: Path, gigabytes: float) -> None:
    """Mails of the corpus, again and again, one word in ten made up, so that new words never end.

    Attachments of 64 to 512 KB, one in 300 of 10 MB, as mailboxes have: the size is in them.
    """
    draw = random.Random(SEED)
    texts = [row.text for row in read_rows(ROOT / "samples" / "commune" / "train.jsonl", ["service"])]
    source, size, count = folder / "big.mbox", 0, 0
    with source.open("wb") as file:
        while size < gigabytes * 1e9:
            line = draw.randbytes(57).hex()[:76].encode()
            attachment = b"\n".join([line] * (130_000 if count % 300 == 299 else draw.randint(850, 6_800)))
            text = with_new_words(texts[count % len(texts)], draw).replace("\nFrom ", "\n>From ")
            size += file.write(
                b"From zoe@example.fr Mon Jan  5 09:00:00 2026\nFrom: zoe@example.fr\nSubject: Lampadaire %d\n"
                b"Content-Type: multipart/mixed; boundary=b\nMIME-Version: 1.0\n\n--b\n"
                b"Content-Type: text/plain; charset=utf-8\n\n%s\n--b\nContent-Type: application/pdf; name=a.pdf\n"
                b"Content-Transfer-Encoding: base64\n\n%s\n--b--\n\n" % (count, text.encode(), attachment)
            )
            count += 1
    seconds, _, peak = apply(source, folder / "out")
    print(f"{count} mails, {size / 1e9:.2f} GB: {seconds:.0f} s, peak {peak} MB")


def with_new_words(text: str, draw: random.Random) -> str:
    """A text in which one word in ten is of letters drawn at random."""
    letters = "abcdefghijklmnopqrstuvwxyzéèàç"
    return " ".join(
        "".join(draw.choices(letters, k=draw.randint(3, 12))) if draw.random() < 0.1 else word
        for word in text.split(" ")
    )


def kills(folder: Path, wanted: int) -> None:
    source = folder / "in.mbox"
    make_mailbox(source, 600)
    seconds, *_ = apply(source, folder / "calm", "--jobs", "2")
    draw, killed, out = random.Random(SEED), 0, folder / "out"
    bad = runs = 0
    while killed < wanted:
        process = start(source, out)
        time.sleep(draw.uniform(0.2, 1.1) * seconds)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() < 0
        if draw.random() < 0.2:  # end it, compare, and begin anew
            bad, runs = bad + differs(source, out, folder / "calm"), runs + 1
            out = folder / f"out{runs}"
    bad, runs = bad + differs(source, out, folder / "calm"), runs + 1
    print(f"{killed} kills over {runs} folders: {bad} ended otherwise than an uninterrupted run")


def cold(folder: Path, times: int) -> None:
    (folder / "one.eml").write_bytes(
        b"From: zoe@example.fr\nSubject: Lampadaire\n\nLe lampadaire de ma rue est eteint.\n"
    )
    message = ["apply", str(folder / "one.eml"), "--stdout", "--model", str(ROOT / "models" / "commune")]
    for name, arguments in (("one message", message), ("--help", ["--help"])):
        found = []
        for _ in range(times):
            before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run([*TRIAGE, *arguments], check=True, stdout=subprocess.DEVNULL)
            seconds, after = time.perf_counter() - clock, resource.getrusage(resource.RUSAGE_CHILDREN)
            found.append((seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
        seconds, cpu = (min(one) for one in zip(*found, strict=True))
        print(f"{name}: {seconds:.2f} s, of which {cpu:.2f} computing (best of {times})")


def start(source: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [*TRIAGE, "apply", str(source), "--out", str(out), "--model", str(ROOT / "models" / "commune")]
    return subprocess.Popen([*command, "--jobs", "2"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def differs(source: Path, out: Path, calm: Path) -> bool:
    apply(source, out)
    return kept(out) != kept(calm)


def kept(out: Path) -> dict[str, bytes]:
    files = [out / "results.jsonl", *(out / "drafts").iterdir()]
    return {file.name: file.read_bytes() for file in files}


COMMANDS = {
    "throughput": (throughput, 10_000),
    "growth": (growth, 2_000),
    "memory": (memory, 2.0),
    "kills": (kills, 50),
    "start": (cold, 5),
}


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "throughput"
    measure, usual = COMMANDS[name]
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), type(usual)(float(sys.argv[2])) if len(sys.argv) > 2 else usual)


if __name__ == "__main__":
    main()
