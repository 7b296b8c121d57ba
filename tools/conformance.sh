#!/usr/bin/env bash
# Holds the emitted queries against real engines, where they are at hand:
#   ENGINES=folder tools/conformance.sh SHARED
# KQL: Microsoft's language service parses and binds each query against the table references, with strict types.
# Lucene: every query runs; for the feature rules and their events the hits equal the evaluator's.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=$(realpath "${1:-../shared}")
if [ -z "${ENGINES:-}" ]; then
    echo "skipped: ENGINES does not name the folder of the engines"
    exit 0
fi
cargo build --release --quiet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Rules that fail to convert are counted elsewhere; here the queries count. Each folder by itself, as filters of ours
# would apply to the public rules too.
for folder in sigma "$shared/corpus/sigmahq/rules"; do
    ./target/release/sigmatic convert --quiet -t sentinel -f json "$folder" 2>/dev/null >>"$work/rules.ndjson" || true
done
python3 - "$work/rules.ndjson" >"$work/queries.ndjson" <<'PYTHON'
import json, sys
for number, line in enumerate(open(sys.argv[1])):
    record = json.loads(line)
    if "query" in record:
        print(json.dumps({"id": f"{record.get('rule_id')}-{number}", "query": record["query"]}))
PYTHON
NODE_PATH="$ENGINES/node_modules" node "$shared/oracles/kql/kqlcheck.js" \
    --schema "$shared/schemas/sentinel.json" --strict <"$work/queries.ndjson" >"$work/verdicts.ndjson" 2>/dev/null
bound=$(grep -c '"ok":true' "$work/verdicts.ndjson" || true)
echo "KQL: $bound of $(wc -l <"$work/queries.ndjson") queries bind"
grep '"ok":false' "$work/verdicts.ndjson" | cut -c1-300 || true

SIGMATIC_SHARED="$shared" cargo test --quiet --test lucene_engine -- --nocapture
[ "$bound" -eq "$(wc -l <"$work/queries.ndjson")" ]
