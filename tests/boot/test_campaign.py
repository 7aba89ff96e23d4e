"""A fixed sample of what campaign.py does by the thousand: SEED=number takes another one."""

import functools
import os
import random

import cases
import pytest
from campaign import KINDS

SEED = int(os.environ.get("SEED", "8"))
EACH = {"mutation": 40, "nmi": 8}
EACH_QUICK = {"mutation": 6, "nmi": 2}
OTHERS, OTHERS_QUICK = 8, 1  # cases of each kind on each controller


@functools.cache
def reference(controller):
    return cases.reference(controller)


def parameters():
    for kind in KINDS:
        if kind == "worse":
            continue  # test_optionrom.py
        for number in range(EACH.get(kind, OTHERS)):
            for controller in cases.CONTROLLERS:
                quick = number < EACH_QUICK.get(kind, OTHERS_QUICK)
                yield pytest.param(kind, controller, number, id=f"{kind}-{controller}-{number}",
                                   marks=[pytest.mark.quick] if quick else [])


@pytest.mark.parametrize("kind, controller, number", parameters())
def test_case(kind, controller, number):
    loaded, sectors = reference(controller)
    chosen = random.Random(f"{SEED}-{kind}-{controller}-{number}")
    case = cases.make(kind, chosen, controller, chosen.choice(sectors))
    outcome = cases.run(case, {controller: loaded})
    assert outcome.acceptable(case.allowed), \
        f"{case.name}: {outcome.name}, {outcome.detail}\n{outcome.serial[-2000:]}"


@pytest.mark.quick
def test_a_flipped_bit_is_seen(tmp_path):
    """The comparison itself: a kernel with another bit, and no checksum, is not the one asked for."""
    from image import KERNEL, Image
    from outcome import watch
    from qemu import Qemu

    with open(KERNEL, "rb") as file:
        data = bytearray(file.read())
    at = data.index(b"Type help for the commands")
    data[at] ^= 0x20
    image = Image(tmp_path).kernel(bytes(data))
    with Qemu(*cases.disk_arguments(image.path, "ide", {})) as machine:
        outcome = watch(machine, reference("ide")[0], "kernel")
    assert outcome.name == "wrong" and "memory at" in outcome.detail
