# Keepsake. `make help` lists the targets.
#
# If a target needs something that a fresh machine lacks, it fetches it into .local/, except Go.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS   += --no-print-directory

# No built-in rules: they would turn an `invoke-` into an `invoke-.o`.
.SUFFIXES:

# The functions, by folder. An operation has one name everywhere.
FUNCTIONS := $(notdir $(wildcard functions/*))

# How a function is built for AWS: without the RPC mode of old runtimes, without paths and symbols. Also without the
# commit: a commit that changes only a page would change every function.
ARCH       ?= arm64
GOARCH_OF   = $(patsubst x86_64,amd64,$(1))
BUILD_FLAGS := -tags lambda.norpc -trimpath -buildvcs=false -ldflags='-s -w'

LOCAL  := .local
LAPTOP := $(LOCAL)/bin/local

.DEFAULT_GOAL := help

##@ Use
.PHONY: run
run: $(LAPTOP) local-functions ## Run the whole service on this machine: PORT=3000 FRESH=1 RETENTION=15s PURGE=ttl DOCKER=1
	@exec $(LAPTOP) run

.PHONY: token
token: $(LOCAL)/bin/token ## Print a new token: WORKSPACE=ws_x (or WORKSPACES=ws_a,ws_b) SCOPES="secrets:read …" EXPIRES=90d STACK=…
	@exec $(LOCAL)/bin/token

.PHONY: tokens
tokens: $(LOCAL)/bin/token ## List the tokens, with owner, scopes and expiry: WORKSPACE=ws_x STACK=…
	@exec $(LOCAL)/bin/token list

.PHONY: revoke-token
revoke-token: $(LOCAL)/bin/token ## Revoke a token, by its id in the list and in the audit trail: TOKEN_ID=tok_… STACK=…
	@exec $(LOCAL)/bin/token revoke

.PHONY: trust
trust: $(LOCAL)/bin/token ## Trust an issuer's tokens: ISSUER=https://… AUDIENCE=keepsake SUB=… CLAIM_x=… WORKSPACE=ws_x SCOPES=… EXPIRES=90d STACK=…
	$(if $(filter-out trust,$(MAKECMDGOALS)),$(error make takes $(filter-out trust,$(MAKECMDGOALS)) for a target, not for a condition: write CLAIMS="name=pattern"))
	@exec $(LOCAL)/bin/token trust

.PHONY: trusts
trusts: $(LOCAL)/bin/token ## List the trusts, with what they ask for and grant: WORKSPACE=ws_x STACK=…
	@exec $(LOCAL)/bin/token trusts

.PHONY: end-trust
end-trust: $(LOCAL)/bin/token ## End a trust, by its id in the list and in the audit trail: TRUST_ID=tru_… STACK=…
	@exec $(LOCAL)/bin/token end-trust

.PHONY: audit
audit: $(LOCAL)/bin/audit ## Print a secret's audit trail, after its purge too: SECRET=sec_… WORKSPACE=ws_local STACK=…
	@exec $(LOCAL)/bin/audit

invoke-%: $(LAPTOP) ## Run one function of the running stack with its sample event: SECRET=sec_… ETAG=2
	@exec $(LAPTOP) invoke $*

event-%: $(LAPTOP) ## Print one function's sample event, filled for the running stack: SECRET=sec_… ETAG=2
	@exec $(LAPTOP) event $*

# The number in the API's document, which is the release's.
VERSION = $(shell sed -n '0,/"version"/s/.*"version": "\(.*\)".*/\1/p' shared/api/openapi.json)

.PHONY: cli
cli: ## Build keepsake, the command line, into .build/: GOOS=darwin GOARCH=arm64 for another machine
	@mkdir -p .build
	CGO_ENABLED=0 $(if $(GOOS),GOOS=$(GOOS)) $(if $(GOARCH),GOARCH=$(GOARCH)) go build -trimpath -buildvcs=false -ldflags='-s -w -X main.version=$(VERSION)' -o .build/keepsake$(if $(filter windows,$(GOOS)),.exe) ./infra/cli

##@ Deploy
.PHONY: deploy
deploy: $(LOCAL)/bin/deploy ## Deploy to your AWS account: STACK=keepsake ARCH=arm64 PARAMS="RetentionDays=14 …" REGION=… YES=1 CHANGESET=only TAGS="team=platform" ROLE=… ROTATE_ORIGIN_KEY=1
	@exec $(LOCAL)/bin/deploy

.PHONY: smoke
smoke: $(LOCAL)/bin/smoke ## Check a deployed stack, one line for each promise: TOKEN=sk_akua_… URL=https://….cloudfront.net/v1 STACK=…
	@exec $(LOCAL)/bin/smoke

##@ Build and check
.PHONY: test
test: engine ## Run every test; no AWS, no Docker
	go test ./...

.PHONY: soak
soak: engine ## Run many clients at once, with faults, kills and purges, and check the contract: OPS=100000 HOSTILE_SEED=…
	SOAK_OPS=$(or $(OPS),100000) go test ./infra/histories -run EveryHistory -count=1 -timeout 2h -v

.PHONY: fuzz
fuzz: engine ## Run every fuzz target, longer than CI does: FUZZTIME=1m TARGETS=FuzzEvent
	@infra/ci/fuzz $(or $(FUZZTIME),1m)

.PHONY: lint
lint: ## Check formatting, vet, staticcheck, the template, the scripts
	@infra/ci/lint

.PHONY: mutants
mutants: engine ## Plant each fault of infra/ci/mutants and run the tests that must find it
	go run ./infra/ci/mutants

.PHONY: bench
bench: engine ## Measure the functions beside others, and write infra/docs/performance.md: ROUNDS=31 CALLS=40 STARTS=9 ROWS=100000
	@go run ./infra/bench

.PHONY: microbench
microbench: ## Run Go's own benchmarks; compare with benchstat
	go test -run='^$$' -bench=. -benchmem ./shared/...

.PHONY: cost
cost: engine ## Count what each operation asks of AWS, and write infra/docs/cost.md by the prices of infra/cost/prices.json
	@go run ./infra/cost

.PHONY: limits
limits: engine ## Play DynamoDB's partitions with the keys that the code writes, and write infra/docs/limits.md
	@go run ./infra/limits

.PHONY: build
build: $(addprefix build/,$(FUNCTIONS)) ## Build every function for Lambda into .build/: ARCH=arm64 or x86_64

build/%: check-arch
	@mkdir -p .build/$*
	CGO_ENABLED=0 GOOS=linux GOARCH=$(call GOARCH_OF,$(ARCH)) go build $(BUILD_FLAGS) -o .build/$*/bootstrap ./functions/$*

.PHONY: check-arch
check-arch:
	@[[ "$(ARCH)" == arm64 || "$(ARCH)" == x86_64 ]] || { echo "ARCH is arm64 or x86_64, not $(ARCH)" >&2; exit 1; }

# Placeholders for the parameters without a default: only a deployment sets real values.
sam_parameters = Architecture=$(1) OriginKey=00000000000000000000000000000000 OriginKeyNext=00000000000000000000000000000001 $(foreach f,$(FUNCTIONS),$(call release_of,$(f))=0000000000000000)
SAM_BUILD     ?= .aws-sam/build
MACHINE        = $(patsubst aarch64,arm64,$(shell uname -m))

# Needs Debian's chromium.
.PHONY: screenshots
screenshots: engine ## Take the pictures of the console again, into infra/docs/images
	@SCREENSHOTS=$(CURDIR)/infra/docs/images BROWSER=required go test ./shared/console -count=1 -run TestScreenshots

# Needs npm, which nothing else of the console does: the files are committed.
.PHONY: vendor-console
vendor-console: ## Fetch the console's libraries again, pinned, into shared/console/vendor
	@shared/console/vendor/fetch

.PHONY: sam-validate
sam-validate: ## Run sam validate with --lint, and SAM's transform
	@infra/sam/validate

.PHONY: sam-build
sam-build: check-arch ## Run sam build for every function, into .aws-sam/build: ARCH=arm64 or x86_64
	@# First fill the build cache: SAM builds many functions at once, and each would compile the shared packages.
	@CGO_ENABLED=0 GOOS=linux GOARCH=$(call GOARCH_OF,$(ARCH)) go build $(BUILD_FLAGS) ./functions/...
	@infra/sam/build $(ARCH) $(SAM_BUILD) "$(call sam_parameters,$(ARCH))"

# Builds for this machine's processor, into another folder than the deployment's.
.PHONY: sam-invoke
sam-invoke: $(LAPTOP) ## Run functions in containers, with the stack of DOCKER=1 make run: NAMES="get-secret …" or all
	@image=$$(infra/sam/image $(MACHINE)); sam=$$(infra/sam/install); \
	$(MAKE) sam-build ARCH=$(MACHINE) SAM_BUILD=.aws-sam/containers; \
	SAM=$$sam SAM_IMAGE=$$image SAM_PARAMETERS="$(call sam_parameters,$(MACHINE))" exec $(LAPTOP) containers $(NAMES)

.PHONY: clean
clean: ## Remove builds; the local stack's data stays
	rm -rf .build .aws-sam $(LOCAL)/bin $(LOCAL)/functions $(LOCAL)/containers $(LOCAL)/bench

.PHONY: help
help: ## Print this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-zA-Z%_-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@
.PHONY: engine
engine: $(LAPTOP)
	@$(LAPTOP) engine >/dev/null

# Always run: Go knows better than make what is out of date.
.PHONY: $(LAPTOP) local-functions
$(LAPTOP):
	@[[ -e $@ ]] || echo "Building the local stack: a minute the first time, seconds after." >&2
	@go build -o $@ ./infra/local

PROGRAMS := $(addprefix $(LOCAL)/bin/,token audit deploy smoke)
.PHONY: $(PROGRAMS)
$(PROGRAMS): $(LOCAL)/bin/%:
	@go build -o $@ ./infra/ops/$*


local-functions:
	@[[ -d $(LOCAL)/functions ]] || echo "Building the functions: a minute the first time, seconds after." >&2
	@mkdir -p $(LOCAL)/bin/functions
	@CGO_ENABLED=0 go build $(BUILD_FLAGS) -o $(LOCAL)/bin/functions/ ./functions/...
	@for f in $(FUNCTIONS); do mkdir -p $(LOCAL)/functions/$$f; ln -f $(LOCAL)/bin/functions/$$f $(LOCAL)/functions/$$f/bootstrap; done

# The targets that `sam build` calls (BuildMethod: makefile), one for each function, by its logical id.
# SAM's own Go builder passes neither the tag nor the linker's flags.
define sam_target
.PHONY: build-$(1)
build-$(1): check-arch
	CGO_ENABLED=0 GOOS=linux GOARCH=$$(call GOARCH_OF,$$(ARCH)) go build $$(BUILD_FLAGS) -o $$(ARTIFACTS_DIR)/bootstrap ./functions/$(2)
endef
logical_id = $(shell echo $(1) | awk -F- '{for (i = 1; i <= NF; i++) printf "%s%s", toupper(substr($$i, 1, 1)), substr($$i, 2)}')Function
release_of = $(patsubst %Function,%Release,$(call logical_id,$(1)))
$(foreach f,$(FUNCTIONS),$(eval $(call sam_target,$(call logical_id,$(f)),$(f))))
