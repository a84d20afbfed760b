# Everything a developer or an operator does from a checkout. `make help` lists it.

GO      ?= go
BIN     := bin/heed
PUBLIC  ?= 127.0.0.1:8080
DESK    ?= 127.0.0.1:8081
DATA    ?= data
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the stripped binary, bin/heed
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/heed

.PHONY: run
run: build ## Build and start a line on this machine, kept in ./data
	$(BIN) serve --data $(DATA) --public $(PUBLIC) --desk $(DESK)

.PHONY: deps
deps: ## Install what the tests need (Chromium, PostgreSQL, age, axe-core …)
	scripts/install-test-deps

.PHONY: test
test: ## Install what the tests need, beside building them, and run every one
	scripts/test

.PHONY: race
race: deps ## Run every test under the race detector
	CGO_ENABLED=1 $(GO) test -race -timeout 60m ./...

.PHONY: soak
soak: deps build ## Run what takes longer than a test may: twenty kills, long loads
	scripts/soak

.PHONY: screening-report
screening-report: DATA = $(or $(HEED_DATA_DIR),evaluation)
screening-report: ## Print the tables of docs/screening.md: make screening-report DATA=/path [PART=copies,speed] [INTO=docs/screening.md] [LOCKED=-locked]
	$(GO) run ./internal/screening/measure -data $(DATA) -part "$(PART)" -into "$(INTO)" $(LOCKED)

.PHONY: bench
bench: build ## Measure what has a floor, and say whether it is reached
	scripts/bench

.PHONY: pictures
pictures: deps ## Take the pictures in the documents from a running line
	HEED_PICTURES=$(CURDIR)/docs/pictures $(GO) test -count=1 -run TestThePicturesOfTheDocuments ./cmd/heed

.PHONY: lint
lint: ## Check format, vet and the layers
	scripts/lint

.PHONY: vuln
vuln: ## Look for known vulnerabilities; needs the internet or a Go module proxy
	scripts/vuln

.PHONY: clean
clean: ## Remove what was built; data stays
	rm -rf bin dist
