# Everything runs from a virtual environment that these targets make themselves; `make help` lists them.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# What running needs, and what development needs in addition.
RUNS   := $(VENV)/.installed
STAMP  := $(VENV)/.installed-dev
INSTALL := $(PYTHON) scripts/install.py
# checkov pins boto3 and others to versions that nrti cannot use.
CHECKOV := 3.3.30
AUDIT   := $(VENV)-audit
AUDITED := $(AUDIT)/.checkov-$(CHECKOV)
# Environments for other clients and test suites, and for AWS's own toolkit.
CLIENTS := $(VENV)-clients
TOOLKIT := $(VENV)-toolkit
MODELS  := $(VENV)-models
# Judges of policies and templates.
POLICIES := $(VENV)-policies
# nrti with another release of ministack.
DRIFT   := $(VENV)-drift
SDK2    := $(VENV)-sagemaker2
SDK3    := $(VENV)-sagemaker3
SCRIPTS := $(VENV)-javascript
# LocalStack's interpreter of state machines. pyenv chooses by the variable, other systems ignore it.
WORKFLOW  := $(VENV)-workflow
PYTHON313 ?= env PYENV_VERSION=3.13 python3.13
# Apache Velocity, and the packages of Debian that it and JsonPath need.
TEMPLATES := $(VENV)-templates
VELOCITY := velocity libcommons-collections3-java libcommons-lang-java libjsonpath-java libjson-smart-java libasm-java libslf4j-java
# Programs that the benchmarks compare with nrti.
PEERS   := $(VENV)-peers
# The installed wheel and nothing else.
RELEASE := $(VENV)-release
WORKERS ?= 2
# Of make soak and make soak-page.
DURATION ?= 30m
RATE     ?= 50

.DEFAULT_GOAL := help
.PHONY: help demo screenshots test test-page fuzz chaos overload soak soak-page drift test-docs test-conditions test-production test-evaluation test-clients test-sagemaker test-javascript judge-workflow judge-sql judge-templates judge-policies judge-stacks test-moto test-toolkit lint format docs bench release-check clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

$(RUNS): pyproject.toml
	@$(INSTALL) $(VENV) nrti --editable .
	@touch $@

$(STAMP): pyproject.toml
	@$(INSTALL) $(VENV) "nrti and its tools" --editable . --group dev
	@touch $(RUNS) $@

demo: $(RUNS)  ## run the whole pipeline on the embedded AWS, step by step
	@$(BIN)/nrti demo --teardown

test: $(STAMP)  ## run all tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

chaos: $(STAMP)  ## kill, throttle and repeat under load: nothing may be lost or double (40 minutes at most)
	@timeout --signal INT --kill-after 60 2400 $(BIN)/python -m pytest -m chaos tests/chaos

overload: $(STAMP)  ## send four times the sustainable load for a minute
	@$(BIN)/python -m benchmarks overload

soak: $(STAMP)  ## a steady load, to find leaks; make soak DURATION=30m RATE=50
	@$(BIN)/python -m tests.chaos.soak $(DURATION) $(RATE)

test-docs: $(STAMP)  ## run the slower code blocks of README and docs/
	@$(BIN)/python -m pytest -m documents tests/local/test_documents.py

test-conditions: $(STAMP)  ## run every command without network, home, disk, stdout, …: no traceback
	@$(BIN)/python -m pytest -m conditions tests/local/test_conditions.py tests/local/test_full_disk.py

test-production: $(STAMP)  ## watch a model, retrain it and roll it back, by commands alone
	@$(BIN)/python -m pytest -m story tests/local/test_production_story.py

test-evaluation: $(STAMP)  ## train many models: intervals cover live results, no other estimator is better
	@$(BIN)/python -m pytest -m evaluation tests/unit/remote

soak-page: $(STAMP)  ## an open page under a steady load: neither it nor its server grows; DURATION and RATE
	@$(BIN)/python -m benchmarks.page_soak $(DURATION) $(RATE)

# The newest release of ministack, or the one that VERSION names.
drift: $(STAMP)  ## compare the names we use of ministack with its newest release; make drift VERSION=1.5.32
	@$(INSTALL) $(DRIFT) "nrti and its tools" --editable . --group dev
	@$(INSTALL) $(DRIFT) "$(if $(VERSION),ministack $(VERSION),the newest ministack)" --upgrade ministack$(if $(VERSION),==$(VERSION))
	@$(BIN)/python -m tests.drift $(DRIFT)

fuzz: $(STAMP)  ## thousands of hostile requests to the API, an endpoint and the control plane
	@$(BIN)/python -m pytest --hypothesis-profile=fuzz tests/local/test_fuzz_*.py

$(VENV)-%/.installed: pyproject.toml
	@$(INSTALL) $(@D) "what the tests of the $* need" --group $*
	@touch $@

# AWS's toolkits require versions that AWS's image does not have.
$(TOOLKIT)/.installed: tests/clients/aws-image-requirements.txt
	@$(INSTALL) $(@D) "the packages of AWS's image" --no-deps --requirement $<
	@touch $@

# moto's tests are only in its source distribution, here of the installed version.
$(CLIENTS)/.moto: $(CLIENTS)/.installed
	@rm -rf $(@D)/moto && mkdir $(@D)/moto
	@$(CLIENTS)/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary moto \
		--dest $(@D)/moto "$$($(CLIENTS)/bin/python -m pip freeze | grep '^moto==')"
	@tar -xzf $(@D)/moto/moto-*.tar.gz --strip-components=1 --directory $(@D)/moto --wildcards \
		'*/tests/__init__.py' '*/tests/test_sagemaker/*'
	@touch $@

test-clients: $(STAMP) $(CLIENTS)/.installed  ## use the embedded AWS with PyAthena, awswrangler and sagemaker-core
	@$(BIN)/python -m pytest -m clients tests/clients/test_athena_clients.py \
		tests/clients/test_operations.py tests/clients/test_sagemaker_core.py tests/clients/test_standalone.py

test-sagemaker: $(STAMP) $(SDK2)/.installed $(SDK3)/.installed  ## train, serve and score with versions 2 and 3 of the SageMaker SDK
	@$(BIN)/python -m pytest -m clients tests/clients/test_sagemaker_sdk.py

$(SCRIPTS)/.installed: tests/clients/programs/javascript/package.json
	@command -v npm >/dev/null || { echo "npm is missing; it comes with Node.js" >&2; exit 1; }
	@mkdir -p $(@D) && cp $< $(@D)/
	@npm install --prefix $(@D) --loglevel error --no-audit --no-fund >/dev/null
	@touch $@

test-javascript: $(STAMP) $(SCRIPTS)/.installed  ## use the embedded AWS with the AWS SDK for JavaScript
	@$(BIN)/python -m pytest -m clients tests/clients/test_javascript.py

$(WORKFLOW)/.installed: pyproject.toml
	@$(PYTHON313) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { echo \
		"LocalStack 4.14 needs Python 3.13; name one, as in make judge-workflow PYTHON313=/usr/bin/python3.13" >&2; exit 1; }
	@$(PYTHON313) scripts/install.py $(@D) "LocalStack's interpreter" --group workflow
	@touch $@

judge-workflow: $(STAMP) $(SCRIPTS)/.installed $(WORKFLOW)/.installed  ## run the workflows' scenarios by LocalStack and aws-local-stepfunctions, too
	@$(BIN)/python -m pytest -m clients tests/clients/test_workflow*.py

judge-sql: $(STAMP) $(SCRIPTS)/.installed  ## hold all SQL, documented and tested, against Trino's grammar in dt-sql-parser
	@$(BIN)/python -m pytest -m clients tests/clients/test_sql_grammar.py

$(TEMPLATES)/.velocity: $(TEMPLATES)/.installed
	@$(PYTHON) scripts/debian.py $(@D) $(VELOCITY)
	@touch $@

judge-templates: $(STAMP) $(TEMPLATES)/.velocity  ## render the mapping templates of the API by Apache Velocity, too
	@$(BIN)/python -m pytest -m clients -s tests/clients/test_mapping_templates.py

judge-policies: $(STAMP) $(SCRIPTS)/.installed $(POLICIES)/.installed  ## hold all policies against iam-simulate, parliament and CloudFormation's handlers
	@$(BIN)/python -m pytest -m clients tests/clients/test_policies_*.py tests/clients/test_handler_permissions.py

judge-stacks: $(STAMP) $(POLICIES)/.installed  ## check the templates for all regions, and by AWS's SAM
	@$(BIN)/python -m pytest -m clients tests/clients/test_stacks.py

test-moto: $(STAMP) $(CLIENTS)/.moto  ## run moto's own SageMaker tests; docs/sagemaker-moto.md explains the failures
	@$(BIN)/python -m pytest -m clients -s tests/clients/test_moto.py

test-toolkit: $(STAMP) $(TOOLKIT)/.installed $(MODELS)/.installed  ## run scripts and models of all kinds with AWS's toolkit and with ours
	@$(BIN)/python -m pytest -m clients tests/clients/test_toolkit_*.py

$(AUDITED):
	@$(INSTALL) $(AUDIT) checkov 'checkov==$(CHECKOV)'
	@touch $@

lint: $(STAMP) $(AUDITED)  ## run ruff, mypy --strict, codespell, cfn-lint and checkov
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/codespell
	@$(BIN)/cfn-lint --include-checks I -- cloudformation/*.yaml
	@$(AUDIT)/bin/checkov --directory cloudformation --framework cloudformation \
		--skip-download --compact --quiet

format: $(STAMP)  ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

screenshots: $(STAMP)  ## draw the pictures of the live page in docs/images/
	@$(BIN)/python -m tests.screenshots

test-page: $(STAMP) $(SCRIPTS)/.installed  ## the live page: its figures, under load, after a kill, and by axe-core's rules
	@$(BIN)/python -m tests.local.browser
	@$(BIN)/python -m pytest -m '' tests/local/test_dashboard.py tests/local/test_page*.py

docs: $(STAMP)  ## write docs/cli.md from the commands' help
	@$(BIN)/python -m tests.cli_reference > docs/cli.md

bench: $(STAMP) $(PEERS)/.installed $(CLIENTS)/.installed  ## measure, and write benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks

release-check: $(STAMP)  ## build the wheel, install it into a bare environment, run nrti demo there
	@rm -rf dist $(RELEASE)
	@$(BIN)/python -m build .
	@$(INSTALL) $(RELEASE) "the wheel" dist/nrti-*.whl
	@cd $(RELEASE) && bin/nrti demo --teardown

clean:  ## remove the virtual environment and caches
	rm -rf $(VENV) $(AUDIT) $(CLIENTS) $(TOOLKIT) $(MODELS) $(POLICIES) $(SDK2) $(SDK3) $(SCRIPTS) $(WORKFLOW) $(TEMPLATES) $(PEERS) $(RELEASE) .mypy_cache .ruff_cache .pytest_cache dist
