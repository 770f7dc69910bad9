.DEFAULT_GOAL := help
SHELL := /bin/bash

# The tools have a go.mod of their own, which is refused inside a workspace.
TOOL := GOWORK=off go tool -modfile=tools/go.mod
CLI := github.com/covetgo/covet/cmd/covet/internal/cli

# The race detector needs a C compiler, which a fresh machine may not have.
RACE := $(shell [ "$$(go env CGO_ENABLED)" = 1 ] && command -v "$$(go env CC)" >/dev/null 2>&1 && echo -race)

help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build: ## Build the command line into bin/covet
	go build -ldflags "-X $(CLI).checkout=$(CURDIR)" -o bin/covet ./cmd/covet

demo: build ## Make an application in .demo/blog and serve it (PORT=3000 for another port)
	@rm -rf .demo && mkdir .demo
	@cd .demo && ../bin/covet new blog --no-git | sed '/^Next:/,$$d'
	@cd .demo/blog && ../../bin/covet migrate up >/dev/null && ../../bin/covet user create admin@example.com --role admin
	@printf '\nSign in with these at /login, then open /admin. Also there: the contact form at /contact, its mail at\n/dev/mail, the API at /docs. Ctrl-C stops it.\n'
	@cd .demo/blog && exec ../../bin/covet serve

test: ## Run every test; real servers take part where they are reachable
	@.ci/test $(RACE)

check: lint generated test ## Everything that CI checks: linters, generated files, tests

lint: ## Run the linters
	$$($(TOOL) -n golangci-lint) run ./... $$(go list -f "{{.Dir}}/..." -m | tail -n +2)
	go vet work

generate: ## Generate code from templates and bring go.mod templates up to date
	$(TOOL) templ generate -log-level warn
	go run ./scaffold/internal/gomodgen
	go run ./internal/layout/write

generated: generate ## Check that generated files are current
	@git diff --exit-code --stat -- '*_templ.go' scaffold/gomod .golangci.yml docs/layout.md || { echo 'Generated files were not current: commit what "make generate" changed.'; exit 1; }

fmt: ## Format the code
	$(TOOL) golangci-lint fmt
	$(TOOL) templ fmt app scaffold

clean: ## Remove what make made
	rm -rf bin .demo

.PHONY: help build demo test check lint generate generated fmt clean
