.DEFAULT_GOAL := help
SHELL := /bin/bash

# The tools have a go.mod of their own, which is refused inside a workspace.
TOOL := GOWORK=off go tool -modfile=tools/go.mod
CLI := github.com/covetgo/covet/cmd/covet/internal/cli

help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build: ## Build the command line into bin/covet
	@.ci/progress 'building bin/covet' go build -ldflags "-X $(CLI).checkout=$(CURDIR)" -o bin/covet ./cmd/covet

demo: build ## Make an application in .demo/blog and serve it (PORT=3000 for another port)
	@rm -rf .demo && mkdir .demo
	@cd .demo && ../bin/covet new blog --no-git | sed '/^Next:/,$$d'
	@cd .demo/blog && ../../bin/covet migrate up >/dev/null && ../../bin/covet user create admin@example.com --role admin
	@printf '\nSign in with these at /login, then open /admin. Also there: the contact form at /contact, its mail at\n/dev/mail, the API at /docs. Ctrl-C stops it.\n'
	@cd .demo/blog && exec ../../bin/covet serve

test: ## Run the tests of a change, in minutes; real servers take part where they are reachable
	@.ci/test

test-all: ## Run every test: each variant of an application, each look of a page, all packages with the race detector
	@.ci/test --all

soak: ## Run fault runs of 10,000 jobs, fuzz tests, applications of each pair of choices: an hour or more
	@.ci/soak

mutants: ## Plant known faults one by one and check that the tests find each
	go run ./bench/mutants

check: lint generated test ## Run what a pull request must pass: linters, generated files, tests

lint: ## Run the linters, in every module
	$$($(TOOL) -n golangci-lint) run $$(go list -m -f '{{.Dir}}/...')
	go vet work

generate: ## Generate code from templates and bring go.mod templates up to date
	$(TOOL) templ generate -log-level warn
	go run ./scaffold/internal/gomodgen
	go run ./internal/layout/write

generated: generate ## Check that generated files are current
	@git diff --exit-code --stat -- '*_templ.go' scaffold/gomod .golangci.yml docs/layout.md || { echo 'Generated files were not current: commit what "make generate" changed.'; exit 1; }

fmt: ## Format the code
	$$($(TOOL) -n golangci-lint) fmt $$(go list -m -f '{{.Dir}}/...')
	$(TOOL) templ fmt app scaffold

clean: ## Remove what make made
	rm -rf bin .demo

.PHONY: help build demo test test-all soak mutants check lint generate generated fmt clean
