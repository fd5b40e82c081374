# Everything a developer or operator does from a checkout. 'make help' lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

# No C compiler is needed, here or anywhere; all Go commands share one build cache this way.
export CGO_ENABLED = 0
# The version is handed in below; asking git fails in a checkout that belongs to somebody else.
export GOFLAGS := $(strip $(GOFLAGS) -buildvcs=false)

LISTEN ?= 127.0.0.1:8080
DATA ?= ./data/demo
CASES ?= 1000000
FOR ?= 30s
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)

# What the UI is built from; tests and end-to-end journeys are not part of it.
UI_SOURCES = $(shell find ui \( -path ui/node_modules -o -path ui/dist -o -path ui/e2e \
	-o -path ui/test-results -o -path ui/playwright-report \) -prune \
	-o -type f ! -name '*.go' ! -name '*.test.*' -print 2>/dev/null)

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

.PHONY: setup
setup: ## Install what building and testing need, or say what is missing
	@scripts/setup test

.PHONY: setup-run
setup-run:
	@scripts/setup run

.PHONY: run
run: build ## Build and serve the demo company (LISTEN=127.0.0.1:8080, DATA=./data/demo)
	@mkdir -p "$(DATA)"
	@exec bin/mininfo serve --demo --data "$(DATA)" --listen "$(LISTEN)"

.PHONY: build
build: setup-run ui/dist/index.html ## Build bin/mininfo: one static binary with the UI inside
	@go build -trimpath -ldflags '$(LDFLAGS)' -o bin/mininfo ./cmd/mininfo

ui/dist/index.html: $(UI_SOURCES) | setup-run
	@echo "Building the UI"
	@npm --prefix ui run --silent build
	@touch $@

.PHONY: test
test: setup build ## Run everything: checks, Go tests on both databases, UI tests, browser journeys
	@scripts/test check go ui browser

.PHONY: test-go
test-go: setup ui/dist/index.html ## Run the Go tests (narrow with GO_TEST='-run Name ./internal/x')
	@scripts/test go

.PHONY: test-ui
test-ui: setup-run ## Run the UI's unit tests
	@scripts/test ui

.PHONY: test-browser
test-browser: setup build ## Run the browser journeys against the real binary
	@scripts/test browser

.PHONY: matrix
matrix: setup build ## Look at every page in each language, theme and width: axe, and pictures in ui/test-results/matrix
	@scripts/with-postgres npm --prefix ui run --silent matrix

.PHONY: pictures
pictures: setup build ## Take the pictures of the README and the guides anew from the running product
	@scripts/with-postgres npm --prefix ui run --silent pictures

.PHONY: lighthouse
lighthouse: setup build ## Measure the person's pages with Lighthouse on a slow phone; fails under 95
	@node ui/scripts/lighthouse.mjs

.PHONY: check
check: setup-run ui/dist/index.html ## Format, vet, staticcheck, layers, UI types and lint, generated code
	@scripts/check

.PHONY: generate
generate: setup-run generate-only ## Make code anew from the contract (api/openapi.yaml)

# Without the setup: for the check, which works in a copy.
.PHONY: generate-only
generate-only:
	@go generate ./...
	@npm --prefix ui run --silent generate

.PHONY: fuzz
fuzz: setup ui/dist/index.html ## Search for faults with chance: the API (CASES=1000000), then every fuzz target (FOR=30s each)
	@MININFO_TEST_FUZZ=$(CASES) go test -count=1 -timeout 48h -v -run TestContractHoldsUnderFuzzing ./cmd/mininfo
	@scripts/fuzz $(FOR)

.PHONY: plant
plant: ui/dist/index.html ## Break each rule of docs/RULES.md on purpose and hold that its test fails (narrow with RULES='CLK-03 EXT-02')
	@go run ./scripts/rules plant $(RULES)

.PHONY: defects
defects: ui/dist/index.html ## Plant faults that lose, double or leak, and hold that a test sees each (narrow with DEFECTS='fence lease')
	@go run ./scripts/rules defects $(DEFECTS)

.PHONY: torture
torture: setup ui/dist/index.html ## Run the fault harness for long and write its figures into docs/RELIABILITY.md (SET=medium; ONLY=PowerCuts)
	@scripts/with-postgres go run ./scripts/torture -set $(or $(SET),long) -only '$(ONLY)'

.PHONY: bench
bench: setup build ## Measure the figures to hold; writes docs/BENCHMARKS.md (quick: MININFO_BENCH_ROWS=100000)
	@go run ./scripts/bench

.PHONY: enumeration
enumeration: ui/dist/index.html ## Measure whether an answer or its time tells which addresses are known (2,000 calls)
	@scripts/with-postgres go test ./cmd/mininfo -run '^TestAUC$$' -bench '^BenchmarkEnumeration$$' -benchtime 1x -v

.PHONY: clean
clean: ## Remove what was built (the demo's data stay in ./data)
	@rm -rf bin ui/dist ui/node_modules ui/test-results ui/playwright-report
