"""Draw writing specifications for the invented corpus, so that no combination is forgotten.

    python samples/commune/draw_specs.py --per-service 26 --seed 1 > specs.jsonl
    python samples/commune/draw_specs.py --table special --start 1 --seed 1 > specs.jsonl

Each specification fixes what a mail is about (service, motive, nature, urgency), who writes it (voice),
how (form, length, trap) and the invented identity the author may use. Identifiers have valid check
digits inside ranges nobody owns: phones 06 39 98 xx xx and 01 99 00 xx xx, bank code 99999,
SIREN starting with 999, NIR born in 99 999.
"""

import argparse
import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
CHOICES = tomllib.loads((HERE / "specs.toml").read_text(encoding="utf-8"))
SERVICES = HERE.parents[1] / "triage" / "profiles" / "commune" / "services.toml"


def pick(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def for_service(table: str, service: str) -> dict[str, int]:
    return CHOICES[table].get(service, CHOICES[table]["default"])


def luhn_complete(digits: str) -> str:
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def siret(rng: random.Random) -> str:
    siren = luhn_complete(f"999{rng.randrange(10**5):05d}")
    return luhn_complete(f"{siren}{rng.randrange(1, 60):04d}")


def iban(rng: random.Random) -> str:
    bank, branch, account = 99999, rng.randrange(10**5), rng.randrange(10**11)
    key = 97 - (89 * bank + 15 * branch + 3 * account) % 97
    bban = f"{bank:05d}{branch:05d}{account:011d}{key:02d}"
    check = 98 - int(bban + "152700") % 97
    return f"FR{check:02d}{bban}"


def nir(rng: random.Random) -> str:
    body = f"{rng.choice('12')}{rng.randrange(40, 100):02d}{rng.randrange(1, 13):02d}99999{rng.randrange(1, 999):03d}"
    return f"{body}{97 - int(body) % 97:02d}"


def plate(rng: random.Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTVWXYZ"
    return f"ZZ-{rng.randrange(1, 999):03d}-{rng.choice(letters)}{rng.choice(letters)}"


def identity(rng: random.Random) -> dict[str, str]:
    first, last = rng.choice(CHOICES["first_names"]), rng.choice(CHOICES["last_names"])
    prefix = rng.choice(["06 39 98", "06 39 98", "01 99 00"])
    return {
        "name": f"{first} {last}",
        "town": rng.choice(CHOICES["towns"]),
        "street": f"{rng.randrange(1, 140)} {rng.choice(CHOICES['streets'])}",
        "phone": f"{prefix} {rng.randrange(100):02d} {rng.randrange(100):02d}",
        "domain": rng.choice(CHOICES["domains"]),
        "siret": siret(rng),
        "iban": iban(rng),
        "nir": nir(rng),
        "plate": plate(rng),
        "written": f"{rng.choice([2025, 2026])}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
    }


def draw(rng: random.Random, service: str, motive: str, number: int) -> dict[str, object]:
    """One specification; a trap replaces the twist in about one mail in eight."""
    trap = rng.choice(CHOICES["traps"][service]) if service in CHOICES["traps"] and rng.random() < 0.12 else ""
    return {
        "id": f"{service}-{number:04d}",
        "service": service,
        "motive": motive,
        "nature": pick(rng, for_service("natures", service)),
        "urgency": pick(rng, for_service("urgencies", service)),
        "voice": pick(rng, CHOICES["voices"]),
        "form": pick(rng, CHOICES["forms"]),
        "length": pick(rng, CHOICES["lengths"]),
        "twist": trap or pick(rng, CHOICES["twists"]),
        "identity": identity(rng),
    }


def draw_special(rng: random.Random, entry: dict[str, object], number: int) -> dict[str, object]:
    """One specification of mail the draw by service would not bring: automatic, fraudulent, dangerous or void."""
    asked = {key: value for key, value in entry.items() if key != "count"}
    return {
        "id": f"special-{number:04d}",
        **asked,
        "voice": pick(rng, CHOICES["voices"]),
        "form": pick(rng, CHOICES["forms"]),
        "length": pick(rng, CHOICES["lengths"]),
        "identity": identity(rng),
    }


def all_entries(rng: random.Random, table: str, start: int) -> Iterator[dict[str, object]]:
    wanted = [entry for entry in CHOICES[table] for _ in range(entry["count"])]
    for number, entry in enumerate(wanted, start):
        yield draw_special(rng, entry, number)


def by_service(rng: random.Random, start: int, per_service: int) -> Iterator[dict[str, object]]:
    """The same number of specifications for every service, its motives in turn."""
    for service in tomllib.loads(SERVICES.read_text(encoding="utf-8"))["service"]:
        motives = list(service["motives"])
        rng.shuffle(motives)
        for offset in range(per_service):
            yield draw(rng, service["id"], motives[offset % len(motives)], start + offset)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-service", type=int, default=26)
    parser.add_argument("--start", type=int, default=1, help="number of the first specification (of each service)")
    parser.add_argument("--table", choices=["special", "more"], help="draw these entries instead of the services")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    if options.table:
        specs = all_entries(rng, options.table, options.start)
    else:
        specs = by_service(rng, options.start, options.per_service)
    for spec in specs:
        print(json.dumps(spec, ensure_ascii=False))


if __name__ == "__main__":
    main()
