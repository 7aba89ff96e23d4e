#!/usr/bin/python3
"""campaign.py: many boots that go wrong, and a table of what became of them.

    tests/boot/campaign.py --seed 8 --count 1000 --machines ide,ahci,usb-xhci --kinds fault-once,nmi
    tests/boot/campaign.py --modes          each mode of the option ROM once, and --count pairs

The same seed makes the same cases (not the same moments of an NMI). Exit status 1 if a boot ended
in a way that it must not; each of these is printed with what it takes to make it again.
"""

import argparse
import collections
import concurrent.futures
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cases  # noqa: E402
from outcome import Outcome  # noqa: E402

KINDS = ["fault-once", "fault-ever", "lie-once", "lie-ever", "zeros", "other", "bit", "mutation",
         "worse", "nmi"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--machines", default=",".join(cases.CONTROLLERS),
                        help="disk controllers, keys of DISKS in rows.py")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--modes", action="store_true", help="every mode of the option ROM first")
    parser.add_argument("--sectors", action="store_true",
                        help="every sector that is read, with each of the kinds, on each machine")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    return parser.parse_args()


def boot(case, references):
    try:
        return cases.run(case, references)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, (BrokenPipeError, ConnectionResetError, ValueError)):
            return Outcome("reset", 0, f"QEMU ended: {error}")
        raise


def main():
    options = arguments()
    machines, kinds = options.machines.split(","), options.kinds.split(",")
    references, sectors = {}, {}
    for controller in machines:
        references[controller], sectors[controller] = cases.reference(controller)
        print(f"{controller}: reads {len(sectors[controller])} sectors", flush=True)
    todo = cases.modes() if options.modes else []
    if options.sectors:
        todo += cases.every_sector(kinds, options.seed, sectors, machines)
    else:
        todo += cases.cases(kinds, options.count, options.seed, sectors, machines)
    print(f"{len(todo)} boots, seed {options.seed}", flush=True)

    table = collections.defaultdict(collections.Counter)
    bad, longest, started = [], 0.0, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for case, outcome in zip(todo, pool.map(lambda case: boot(case, references), todo)):
            table[case.kind][outcome.name] += 1
            if outcome.name[0] == "E":
                longest = max(longest, outcome.seconds)
            if not outcome.acceptable(case.allowed):
                bad.append((case, outcome))
                print(f"BAD {case.name}: {outcome.name} (wanted {case.allowed}) {outcome.detail}",
                      flush=True)
    print_table(table)
    print(f"{len(todo)} boots in {time.monotonic() - started:.0f} s, {len(bad)} bad; "
          f"slowest named error {longest:.1f} s of processor time")
    return 1 if bad else 0


def print_table(table):
    names = sorted({name for row in table.values() for name in row},
                   key=lambda name: (name[0] == "E", name))
    errors = [name for name in names if name[0] == "E"]
    columns = [name for name in names if name[0] != "E"] + ["error"]
    print("kind".ljust(12) + "".join(name.rjust(8) for name in columns) + "  which errors")
    for kind, row in table.items():
        total = {name: row[name] for name in columns[:-1]}
        total["error"] = sum(row[name] for name in errors)
        print(kind.ljust(12) + "".join(str(total[name]).rjust(8) for name in columns) + "  "
              + " ".join(f"{name}:{row[name]}" for name in errors if row[name]))


if __name__ == "__main__":
    sys.exit(main())
