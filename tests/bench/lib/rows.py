# SPDX-License-Identifier: GPL-2.0-only
"""What a bench guest prints, and what the costs plugin wrote while it ran: rows with their figures."""

import re

CHUNKS = 10	# as in ops/measure.h
LINE = re.compile(r"SELFTEST BENCH (\S+) (\d+) (insn|refused|operations-of-pair|operations)")
OTHER = re.compile(r"SELFTEST BENCH (\S+) (\d+) (frames)")


class Row:
    def __init__(self, name, insns):
        self.name, self.insns, self.operations = name, insns, 0
        self.pair = False		# measured in turns with the row before
        self.refused = False		# it is no figure
        self.of_hypervisor = None	# how many of the instructions are not the guest's
        self.costs = {}			# class: times an operation, of the hypervisor

    def costs_numbers(self):
        """(class, number as text); what happens less than once in fifty operations is an interrupt's."""
        for name, times in self.costs.items():
            if times >= 0.02:
                yield name, "%d" % round(times) if abs(times - round(times)) < 0.02 else "%.1f" % times

    def costs_text(self):
        """`gate 1, iret 1, string 30B`."""
        return ", ".join("%s %s%s" % (name, number, "B" if name == "string" else "")
                         for name, number in self.costs_numbers())


def of_console(text):
    """The rows, in the order they were measured; the refused ones too."""
    rows = []
    for name, value, unit in LINE.findall(text):
        if unit in ("insn", "refused"):
            rows.append(Row(name, int(value)))
            rows[-1].refused = unit == "refused"
        elif rows and rows[-1].name == name:
            rows[-1].operations = int(value)
            rows[-1].pair = unit == "operations-of-pair"
    return rows


def other_figures(text):
    """Figures that are no instructions: {name: (value, unit)}."""
    return {name: (int(value), unit) for name, value, unit in OTHER.findall(text)}


def best_sum(laps, first, every, of_chunk):
    """Of laps first, first + every, ...: the sum over the chunk with the fewest instructions."""
    mine = laps[first::every]
    chunks = [mine[i:i + of_chunk] for i in range(0, len(mine), of_chunk)]
    best = min(chunks, key=lambda c: sum(lap["hypervisor"] + lap["guest"] for lap in c))
    return {key: sum(lap[key] for lap in best) for key in best[0]}


def give_costs(row, sums):
    """A gate is a way in that was no SYSCALL."""
    gates = sums["in"] + sums["nested"] - sums["syscall"]
    row.of_hypervisor = sums["hypervisor"] / row.operations
    row.costs = {"syscall": sums["syscall"] / row.operations, "gate": gates / row.operations}
    for name, times in sums.items():
        if name not in ("hypervisor", "guest", "syscall", "in", "nested"):
            row.costs[name] = times / row.operations


def read_laps(path):
    """The plugin's file: for each row its laps, and the instructions of the boot if it counted them."""
    found, names, boot = [], [], None
    with open(path) as f:
        for line in f:
            words = line.split()
            if words[0] == "counters":
                names = words[1:]
            elif words[0] == "row":
                found.append([])
            elif words[0] == "boot":
                boot = int(words[1])
            elif words[0] == "lap":
                found[-1].append(dict(zip(names, map(int, words[1:]))))
    return found, boot


def together(rows):
    """The rows in lists: a pair is measured at once."""
    lists = []
    for row in rows:
        if row.pair:
            lists[-1].append(row)
        else:
            lists.append([row])
    return lists


def add_costs(rows, laps):
    """
    Give rows their costs. A pair has three laps an operation: the gap, the one, the other; everything
    else two a chunk: the gap and the chunk. False when laps and rows do not fit.
    """
    lists = together(rows)
    if len(lists) != len(laps):
        return False
    for measured, of_row in zip(lists, laps):
        of_chunk = measured[0].operations if len(measured) == 2 else 1
        every = len(measured) + 1
        if len(of_row) == every * of_chunk * CHUNKS:	# else the row reads the TSC itself
            for i, row in enumerate(measured):
                give_costs(row, best_sum(of_row, i + 1, every, of_chunk))
    return True
