# Every target runs on a clean checkout; `make` lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Prerequisites come first, whatever -j says; the tools use all cores by themselves.
.NOTPARALLEL:
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

# Where `make stack-up` keeps its servers, and which they are: with STACK=full Debezium's agent and Flink as well.
STACK_DIR := .stack
STACK := core
SERVERS := cassandra kafka registry
ifeq ($(STACK),full)
SERVERS += debezium flink
endif
LINT := go tool -modfile=.ci/tools.mod golangci-lint
OASDIFF := go tool -modfile=.ci/api.mod oasdiff
# The document that is held against the published one.
API := schemas/openapi/inventory.yaml
# Everything but what needs servers.
UNIT = go list ./... | grep -v '/integration\(/\|$$\)'

.PHONY: help
help: ## This list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: run
run: build ## Build the service and show what it does, with nothing else installed: Ctrl-C ends it
	bin/inventory serve --demo --log-level=warn

.PHONY: build
build: ## Build bin/inventory
	CGO_ENABLED=0 go build -o bin/ ./cmd/inventory

.PHONY: test
test: prerequisites check bin/stack ## Everything: check, long histories and explorations, then the tests against real servers, which it starts
	go test -race -count=1 -timeout 30m -run 'NoHistory|HealthySystem|AtEveryCall' ./app -commands 100000 -every 6
	go test -count=1 -run 'NoSequence|RandomLife' ./domain/reservation -deep
	go test -count=1 -run AllIsPublished ./app/capture -capture.histories 300
	bin/stack with cassandra kafka registry -- go test -race -count=1 -timeout 30m -p 1 ./integration/...

.PHONY: check
check: format tidy vet api lint unit ## Formatting, go.mod, vet, the HTTP API's compatibility, lint and unit tests with the race detector

.PHONY: fmt
fmt: ## Format all Go files
	$(LINT) fmt

.PHONY: format
format:
	@$(LINT) fmt --diff || { echo 'Some files are not formatted: make fmt'; exit 1; }

.PHONY: tidy
tidy:
	@go mod tidy -diff || { echo 'go.mod or go.sum does not fit the imports: go mod tidy'; exit 1; }

.PHONY: vet
vet:
	go vet ./...

# Warnings fail, too: requests are read strictly, so that a field that went is refused. Levels are of what the tool has as harmless.
.PHONY: api
api:
	@$(OASDIFF) breaking --fail-on WARN --severity-levels .ci/api-levels.txt --allow-external-refs=false --color never schemas/openapi/published.yaml $(API) || \
	{ echo 'The HTTP API would break clients of what is published, schemas/openapi/published.yaml: add what is new beside what there is. A release copies its document there.'; exit 1; }

.PHONY: lint
lint:
	$(LINT) run

# Some packages wait more than they compute: two cores are busy with four at a time.
.PHONY: unit
unit:
	$(UNIT) | xargs go test -race -timeout 30m -p 4

.PHONY: soak
soak: prerequisites bin/stack ## Owners interrupted at each of their calls; ten minutes in which three processes are killed, paused, restarted and joined by a fourth under load; 500 orders/s with capture and Flink, while each server is killed twice
	go test -race -count=1 -timeout 60m -run AtEveryCall ./app -every 1
	bin/stack with cassandra kafka registry -- go test -race -count=1 -v -timeout 30m -run Chaos ./integration/fleet -chaos 10m
	go test -tags soak -count=1 -v -timeout 30m -run AllThatIsDerived ./integration/capture

.PHONY: stack-up
stack-up: prerequisites bin/stack ## Start Cassandra, Kafka and a schema registry on this machine, with no data; STACK=full: Debezium and Flink too
	bin/stack up -dir $(STACK_DIR) -bench $(SERVERS)

.PHONY: stack-down
stack-down: bin/stack ## End what stack-up started; logs stay in .stack, data goes
	bin/stack down -dir $(STACK_DIR)

.PHONY: bench-hot
bench-hot: prerequisites bin/stack ## Measure orders for one hot SKU on real servers: stack-up's, or some of its own
	CGO_ENABLED=0 go build -o bin/bench ./integration/bench
	bin/stack with -dir $(STACK_DIR) -reuse -bench cassandra kafka registry -- bin/bench

.PHONY: bench-expiry
bench-expiry: prerequisites bin/stack ## Measure 100,000 holds that lapse at once, beside one LWT a hold and beside new orders
	CGO_ENABLED=0 go build -o bin/bench ./integration/bench
	bin/stack with -dir $(STACK_DIR) -reuse -bench cassandra kafka registry -- bin/bench -expiry

.PHONY: bench-age
bench-age: prerequisites bin/stack ## Measure what 200,000 commits do to a journal, and taking over a large ledger
	CGO_ENABLED=0 go build -o bin/bench ./integration/bench
	bin/stack with -dir $(STACK_DIR) -reuse -bench cassandra -- bin/bench -age

.PHONY: bench-fleet
bench-fleet: prerequisites build bin/stack ## Measure three processes over twelve warehouses beside one, by events and by HTTP
	CGO_ENABLED=0 go build -o bin/bench ./integration/bench
	bin/stack with -dir $(STACK_DIR) -reuse -bench cassandra kafka registry -- bin/bench -fleet -reservation-ledgers 4

.PHONY: bench-scans
bench-scans: prerequisites bin/stack ## Measure what new orders notice of 100,000 scans in one burst
	CGO_ENABLED=0 go build -o bin/bench ./integration/bench
	bin/stack with -dir $(STACK_DIR) -reuse -bench cassandra kafka registry -- bin/bench -scans

.PHONY: bench-dlq
bench-dlq: prerequisites build bin/stack ## Measure the tools for dead letters with 100,000 of them, beside a plain copy
	CGO_ENABLED=0 go build -o bin/bench ./integration/bench
	bin/stack with -dir $(STACK_DIR) -reuse -bench cassandra kafka registry -- bin/bench -dlq -reservation-ledgers 4

.PHONY: bench-reads
bench-reads: prerequisites bin/stack ## Measure reads of much-read SKUs through the cache, beside raw MGET and beside reading Cassandra, and how old they are
	CGO_ENABLED=0 go build -o bin/bench ./integration/bench
	bin/stack with -dir $(STACK_DIR) -reuse -bench cassandra kafka registry redis -- bin/bench -reads

.PHONY: bench-watch
bench-watch: ## Measure how long after a commit a thousand watches of a warehouse are told of it, at 1,000 changes/s
	go test ./adapters/grpcapi -run - -bench Watch -benchtime 10000x

.PHONY: soak-pressure
soak-pressure: prerequisites bin/stack ## Three processes, Cassandra silent for a minute and 100,000 orders waiting
	bin/stack with kafka registry -- go test -count=1 -timeout 30m -v ./integration/pressure -outage 1m

.PHONY: clean
clean: stack-down ## End the stack and remove what was built
	rm -rf bin $(STACK_DIR)

.PHONY: prerequisites
prerequisites:
	@.ci/prerequisites

# Always: go build itself knows whether there is anything to do.
.PHONY: bin/stack
bin/stack:
	@CGO_ENABLED=0 go build -o bin/stack ./integration/cmd/stack
