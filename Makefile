# Each target prints what it runs.
SHARED ?= ../shared
RULES ?= $(SHARED)/corpus/sigmahq/rules

.PHONY: build test lint fmt docs snapshots bench conformance

build:
	cargo build --release

test:
	cargo test

lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings

fmt:
	cargo fmt

# Pages that are written from the templates themselves.
docs:
	cargo run --quiet -- list languages --details > target/languages.md
	mv target/languages.md docs/languages.md

# Shows each changed snapshot and asks; read them against the meaning of the rule.
snapshots:
	cargo insta test --review --unreferenced=delete

# CPU, wall time and peak memory of `convert` for each target, beside a loop that only reads the same YAML.
bench:
	cargo bench --bench convert -- $(RULES)

# The emitted queries held against real engines.
conformance:
	tools/conformance.sh $(SHARED)
