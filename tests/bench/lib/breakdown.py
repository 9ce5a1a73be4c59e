# SPDX-License-Identifier: GPL-2.0-only
"""Where the instructions of each operation go: the bench once more, every address counted."""

import os

import rows
from emulator import Trouble
from places import is_hypervisor, places


class Operation:
    """What a row's markers enclose: instructions by address, scaled to the figure. A pair is one."""

    def __init__(self, measured, counts):
        self.names = [row.name for row in measured]
        self.name = " and ".join(self.names)
        self.insns = sum(row.insns for row in measured)
        scale = self.insns / sum(counts.values())
        self.at = {address: n * scale for address, n in counts.items()}

    def by(self, place, key):
        """{key(Place): instructions}, most first; the guest's under None."""
        found = {}
        for address, n in self.at.items():
            what = key(place[address]) if is_hypervisor(address) else None
            found[what] = found.get(what, 0) + n
        return dict(sorted(found.items(), key=lambda x: -x[1]))

    def rooms_text(self, place, least=0.5):
        rooms = self.by(place, lambda here: here.room)
        guest = rooms.pop(None, 0)
        return ", ".join(["%s %.0f" % (room, n) for room, n in rooms.items() if n >= least] +
                         ["guest's own %.0f" % guest])


def read_counts(path):
    """The plugin's file: for each row {address: executions}."""
    counted = []
    with open(path) as f:
        for line in f:
            words = line.split()
            if words[0] == "row":
                counted.append({})
            else:
                counted[-1][int(words[0], 16)] = int(words[1])
    return counted


def count(emulator, hypervisor, guest):
    """The operations of a guest."""
    name = os.path.basename(guest)
    raw = os.path.join(emulator.build, "where-" + name)
    text = emulator.boot(hypervisor, guest, os.path.join(emulator.build, "log-where-" + name),
                         "%s,out=%s" % (emulator.plugin("where"), raw))
    measured, counted = rows.together(rows.of_console(text)), read_counts(raw)
    if len(measured) != len(counted):
        raise Trouble("%d rows counted, %d reported: they cannot be told apart" % (len(counted), len(measured)))
    return [Operation(*both) for both in zip(measured, counted)]


def places_of(operations, hypervisor):
    """{address: Place} of the hypervisor's instructions in all of them."""
    return places(hypervisor + "-syms", sorted({a for op in operations for a in op.at if is_hypervisor(a)}))
