#!/usr/bin/env python3
"""Refreshes the columns of a schema in templates/schemas/ from a file of facts.

    python3 tools/refresh_schema.py PIPELINE SCHEMA FACTS [--check]

PIPELINE  the pipeline whose tables the schema describes (the `val` of each `set_state` with `key: table`)
SCHEMA    the schema to refresh; only its `columns:` blocks change, sources and computed columns stay
FACTS     JSON: {"tables": {TABLE: {COLUMN: TYPE}}}
--check   changes nothing; ends with 1 if the schema is stale, or an entry of the pipeline names no source

Needs nothing but Python's standard library: the files are read by their layout (two blanks for each level).
"""

import json
import re
import sys

# Columns about the row and the bill, not about the event. `Type` holds the table's own name and would
# pass for any field that is called Type.
BOOKKEEPING = {
    "Type", "TenantId", "SourceSystem", "MachineGroup", "ManagementGroupName", "_BilledSize",
    "_IsBillable", "_ItemId", "_ResourceId", "_SubscriptionId",
}
WIDTH = 110


def tables_of(pipeline):
    """The tables that a pipeline's steps set, in the order of the file."""
    found = []
    for step in re.split(r"\n  - id: ", pipeline)[1:]:
        if "\n    type: set_state\n    key: table\n" not in step:
            continue
        value = re.search(r"\n    val: (.+)", step).group(1)
        for name in re.split(r"[\[\], ]+", value):
            if name and name not in found:
                found.append(name)
    return found


def steps_without_source(pipeline):
    """Ids of the steps that name no source."""
    steps = re.split(r"\n  - id: ", pipeline)[1:]
    return [step.split("\n", 1)[0] for step in steps if "\n    source: " not in step]


def columns_block(columns):
    """The `columns:` of a table, as lines of a flow mapping."""
    lines, line = [], "    columns: {"
    entries = [f"{name}: {kind}" for name, kind in sorted(columns.items()) if name not in BOOKKEEPING]
    for position, entry in enumerate(entries):
        entry += "}" if position == len(entries) - 1 else ","
        if len(line) + len(entry) + 1 > WIDTH:
            lines.append(line.rstrip())
            line = "      "
        line += entry if line.endswith(("{", "      ")) else " " + entry
    return "\n".join(lines + [line]) + "\n"


def refresh(schema, tables, facts):
    """The schema with the columns of `tables`; a new table is added at the end, a table not named goes."""
    head, body = schema.split("\ntables:\n", 1)
    present = dict(re.findall(r"(?m)^  (\w+):\n((?:(?:    .*|  #.*)?\n)*)", body))
    out = head + "\ntables:\n"
    for table in tables:
        rest = present.get(table, "    source: \n")
        block = columns_block(facts[table])
        old = re.search(r"(?ms)^    columns: \{.*?\}\n", rest)
        rest = rest.replace(old.group(0), block) if old else rest + block
        out += f"  {table}:\n{rest}"
    return out


def main(arguments):
    check = "--check" in arguments
    paths = [argument for argument in arguments if not argument.startswith("--")]
    if len(paths) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    pipeline_path, schema_path, facts_path = paths
    with open(pipeline_path, encoding="utf-8") as file:
        pipeline = file.read()
    with open(schema_path, encoding="utf-8") as file:
        schema = file.read()
    with open(facts_path, encoding="utf-8") as file:
        facts = json.load(file)["tables"]
    tables = tables_of(pipeline)
    unknown = [table for table in tables if table not in facts]
    if unknown:
        print(f"no such table in {facts_path}: {', '.join(unknown)}", file=sys.stderr)
        return 1
    new = refresh(schema, tables, facts)
    if not check:
        with open(schema_path, "w", encoding="utf-8") as file:
            file.write(new)
        return 0
    missing = steps_without_source(pipeline)
    for step in missing:
        print(f"{pipeline_path}: step {step} names no source", file=sys.stderr)
    if new != schema:
        print(f"{schema_path}: columns are stale", file=sys.stderr)
    return 1 if missing or new != schema else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
