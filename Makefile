# make demo and make test do all their set-up; the rest is for people who work on vercmp (CONTRIBUTING.md).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py $(shell find src -name '*.pyx' -o -name '*.pxd' -o -name '*.h')
STUBBED := $(subst /,.,$(patsubst src/%.pyi,%,$(shell find src -name '*.pyi')))
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test quick pythons roots lint types hosts programs peer-lists conformance sanitize threads machines coverage fuzz fuzz-compiled mutation mutation-compiled benchmarks accuracy docs links bounds changelog dist wheels man clean

$(VENV)/.pip:
	@sh tools/requirements.sh $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.package: $(VENV)/.pip $(SOURCES)
	@sh tools/requirements.sh $(BIN)/python
	$(INSTALL) --editable '.[fetch]'
	@touch $@

$(VENV)/.%-group: $(VENV)/.package
	$(INSTALL) --group $*
	@touch $@

# What is wrong with a real AlmaLinux 9 host, by the bundled example. HOST=1: with this machine; FEED=: by other advisories.
FEED := examples/almalinux-9/advisories.jsonl
demo: $(VENV)/.package
	@$(BIN)/advisories match --format table $(if $(HOST),--host,--inventory examples/almalinux-9/host.tsv) --feed $(FEED)

# As many at once as there are processors, four at most: each takes a gigabyte of memory.
WORKERS = -n auto --maxprocesses 4 --dist worksteal

test: $(VENV)/.test-group
	$(BIN)/python -m pytest $(WORKERS)

# A tenth of the time: without real data and slow tests, and with fewer examples of each law.
quick: $(VENV)/.test-group
	$(BIN)/python -m pytest -q $(WORKERS) -m "not slow" --hypothesis-profile=quick

# The wheel that each Python builds, under the quick tests, or with SELECTION=whole or =core, in environments below
# build/pythons: PYTHONS="python3.12 /opt/python3.15/bin/python3", TESTS=tests/vercmp for some.
pythons:
	$(PYTHON) tools/pythons.py --selection $(or $(SELECTION),quick) --tests "$(TESTS)" $(or $(PYTHONS),$(PYTHON))

lint: $(VENV)/.lint-group
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/prose.py

types: $(VENV)/.types-group $(VENV)/.test-group
	$(BIN)/mypy
	$(BIN)/mypy --strict examples/scanner.py
	$(BIN)/python -m mypy.stubtest $(STUBBED) --mypy-config-file pyproject.toml --allowlist tests/stubtest-allowlist.txt

# The official schemas of reports over every real host, for ten minutes; FORMATS='csaf-vex spdx' for some formats.
hosts: $(VENV)/.test-group
	FORMATS='$(FORMATS)' $(BIN)/python -m pytest -q -s -p no:cacheprovider tests/live/every_report.py
	FLEETS=all $(BIN)/python -m pytest -q -p no:cacheprovider tests/live/test_fleets.py -k candidates

# Reports of every real host in programs and libraries of their formats, which are installed below build/: npm, Maven with a
# JDK and Go are needed. LISTS='alma_9 debian_' for some hosts, FORMATS='csaf-vex spdx' for some formats.
PROGRAMS := build/programs
programs: $(VENV)/.test-group
	sh tests/support/oracles/reports/install.sh $(PROGRAMS)
	PROGRAMS=$(PROGRAMS) LISTS='$(LISTS)' FORMATS='$(FORMATS)' $(BIN)/python -m pytest -q -s -p no:cacheprovider tests/live/every_program.py

# What is read of images and roots beside Trivy's and Syft's lists of the same: IMAGES='a.tar root', and where the two
# programs are.
TRIVY := trivy
SYFT := syft
peer-lists: $(VENV)/.test-group
	$(BIN)/python tools/peer_lists.py --show --trivy '$(TRIVY)' --syft '$(SYFT)' $(IMAGES)

# 100 million random pairs a scheme against the real libraries; PAIRS=1000000 for fewer.
conformance: $(VENV)/.test-group
	$(BIN)/python tests/support/conformance.py --pairs $(or $(PAIRS),100000000)

# The suite of what is compiled, under AddressSanitizer and UBSan, and its C functions on short and on random texts, also
# as they are without SSE2; PAIRS=100000000 for more.
PLAIN := build/sanitize-plain
SANITIZED = PYTHONPATH=build/sanitize/lib PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 VERCMP_EXPECTED_LIB=build/sanitize/lib \
	LD_PRELOAD="$$(cc -print-file-name=libasan.so) $$(cc -print-file-name=libubsan.so)"
sanitize: $(VENV)/.test-group
	VERCMP_BUILD=sanitize $(BIN)/python setup.py --quiet build --build-base build/sanitize --build-lib build/sanitize/lib
	for scheme in rpm dpkg apk pep440 semver gem; do \
	  $(SANITIZED) $(BIN)/python tests/fuzz/orders.py $$scheme $(or $(PAIRS),10000000) || exit 1; \
	done
	VERCMP_BUILD=sanitize CPPFLAGS=-DVERCMP_PLAIN_MASKS $(BIN)/python setup.py --quiet build --build-base $(PLAIN) --build-lib $(PLAIN)/lib
	for scheme in rpm dpkg; do \
	  $(SANITIZED) PYTHONPATH=$(PLAIN)/lib $(BIN)/python tests/fuzz/orders.py $$scheme $(or $(PAIRS),10000000) || exit 1; \
	done
	$(SANITIZED) $(BIN)/python -m pytest tests/vercmp tests/laws/test_order_laws.py tests/live/test_shared_vectors.py \
	  tests/advisories/matching/test_standing.py tests/advisories/models/test_frozen.py tests/advisories/models/test_keyed.py \
	  tests/advisories/readers/inventories/test_stanzas.py tests/advisories/sources/test_json.py tests/advisories/sources/test_tar.py \
	  tests/advisories/store/test_draft_rows.py tests/advisories/store/test_drafts.py

# Threads that share everything, under ThreadSanitizer. Python without its lock is built twice from the same sources (with
# --disable-gil): FREE=, in whose environment there are Cython, setuptools, pytest and what we need, and THREADED=, built
# --with-thread-sanitizer by Clang too.
FREE := python3.13t
THREADED = $(error give THREADED=, a Python that was configured --disable-gil --with-thread-sanitizer)
threads:
	CC=$(or $(CLANG),clang) VERCMP_BUILD=threads $(FREE) setup.py --quiet build --build-base build/threads --build-lib build/threads/lib
	PYTHONPATH=build/threads/lib:$$($(FREE) -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
	VERCMP_EXPECTED_LIB=build/threads/lib TSAN_OPTIONS=suppressions=tests/support/platforms/threads.supp \
	  $(THREADED) -m pytest -q -p no:cacheprovider tests/advisories/test_threads.py

# Keys, indexes, a store and findings on other machines, the same as here, and the tests of what is compiled on i386 and
# with musl. On Debian 12: Python for them comes by apt into build/machines, and what else is missing is named.
# MACHINES="s390x i386" for some, TESTS=tests/vercmp for these tests on each, also by qemu.
machines: $(VENV)/.test-group
	$(BIN)/python tools/machines.py --tests "$(TESTS)" build/machines $(or $(MACHINES),i386 musl s390x arm64)

# Which lines of Python and of Cython the quick tests run; fails below `fail_under` of pyproject.toml. The traced flavour is
# built in a copy of the tree. All pairs of vectors would take an hour when they are traced.
COVERED := build/coverage
COPIED = $(filter-out build dist mutants,$(wildcard *))
coverage: $(VENV)/.test-group $(VENV)/.coverage-group
	rm -rf $(COVERED)
	mkdir -p $(COVERED)
	tar --exclude='*.so' --exclude='*.egg-info' --exclude=__pycache__ --exclude=_build -cf - $(COPIED) | tar -xf - -C $(COVERED)
	cd $(COVERED) && VERCMP_BUILD=trace $(abspath $(BIN))/python setup.py --quiet build_ext --inplace
	cd $(COVERED) && PYTHONPATH=$(abspath $(COVERED)/src) VERCMP_EXPECTED_LIB=src \
	$(abspath $(BIN))/python -m coverage run -m pytest -q -m "not slow" --hypothesis-profile=quick \
	-k "not every_pair" $(TESTS)
	cd $(COVERED) && $(abspath $(BIN))/python -m coverage report

# Every reader under a coverage-guided fuzzer (its wheels are for Linux), as many at once as there are processors;
# RUNS=1000000 for more, READERS=feeds/osv for some. What breaks one is left in build/fuzz/found.
JOBS := $(shell getconf _NPROCESSORS_ONLN)
# Says what runs, and shows what it wrote in one piece. xargs starts no more behind a status of 255.
IN_ONE_PIECE = xargs -P $(JOBS) -L 1 sh -c 'log=$$(mktemp); echo "$$1 $$2"; status=0; \
	$(BIN)/python tests/fuzz/"$$@" >"$$log" 2>&1 || status=255; $(1); rm "$$log"; exit $$status' sh
FUZZED = -max_len=4096 -timeout=10 -rss_limit_mb=2048 -verbosity=0 -artifact_prefix=build/fuzz/found/
fuzz: $(VENV)/.test-group $(VENV)/.fuzz-group
	mkdir -p build/fuzz/found
	for reader in $(or $(READERS),$$($(BIN)/python tests/fuzz/readers.py)); do \
	  echo "readers.py $$reader -runs=$(or $(RUNS),20000) $(FUZZED) build/fuzz/$$reader"; \
	done | $(call IN_ONE_PIECE,[ $$status = 0 ] || cat "$$log")
	$(BIN)/python tests/fuzz/rpm_header.py -runs=$(or $(RUNS),300000) -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
	-verbosity=0 build/fuzz/rpm-header
	$(BIN)/python tests/fuzz/rpm_sqlite.py -runs=$(or $(RUNS),20000) -max_len=400 -timeout=10 -rss_limit_mb=2048 \
	-verbosity=0 build/fuzz/rpm-sqlite
	$(BIN)/python tests/fuzz/rpm_pages.py -runs=$(or $(RUNS),100000) -max_len=400 -timeout=10 -rss_limit_mb=2048 \
	-verbosity=0 build/fuzz/rpm-pages
	$(BIN)/python tests/fuzz/layers.py -runs=$(or $(RUNS),100000) -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
	-verbosity=0 build/fuzz/layers
	$(BIN)/python tests/fuzz/drafts.py -runs=$(or $(RUNS),100000) -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
	-verbosity=0 build/fuzz/drafts

# What is compiled under libFuzzer with AddressSanitizer and UBSan, by Clang: RUNS=100000000 for more, TARGETS=rpm for some.
fuzz-compiled: $(VENV)/.test-group
	$(BIN)/python tests/fuzz/guided.py --build
	for target in $(or $(TARGETS),$$($(BIN)/python tests/fuzz/guided.py)); do \
	  echo "guided.py $$target -runs=$(or $(RUNS),1000000) -max_len=1280 -timeout=10 -verbosity=0 -print_final_stats=1"; \
	done | $(call IN_ONE_PIECE,cat "$$log")

# The rules of matching, changed in one place at a time: some test must fail for each ([tool.mutmut] of pyproject.toml).
mutation: $(VENV)/.test-group $(VENV)/.mutation-group
	$(BIN)/mutmut run --max-children $(or $(CHILDREN),2)
	$(BIN)/mutmut results

# What is compiled of matching, changed in the same way, each change compiled by itself.
mutation-compiled: $(VENV)/.test-group
	rm -rf build/mutation
	$(BIN)/python tools/mutate_compiled.py

# Our findings of the real hosts beside those of OpenSCAP, osv-scanner, Trivy, joins by librpm and libapt, and what Trivy
# recorded: writes docs/accuracy.md, and build/accuracy/differences.tsv. OSV_SCANNER=, TRIVY= and TRIVY_DB= are paths of
# those that are elsewhere.
SCANNERS = OSV_SCANNER='$(OSV_SCANNER)' TRIVY='$(TRIVY)' TRIVY_DB='$(TRIVY_DB)' PYTHONPATH=tests/support
accuracy: $(VENV)/.test-group
	$(SCANNERS) $(BIN)/python -m accuracy.report

benchmarks: $(VENV)/.benchmarks-group
	$(SCANNERS) $(BIN)/python -m benchmarks.report

docs: $(VENV)/.docs-group
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

# Links to other sites, by asking them.
links: $(VENV)/.docs-group
	$(BIN)/python -m sphinx -b linkcheck docs docs/_build/links

# What changes/ adds to CHANGELOG.md; with VERSION=, adds it.
changelog: $(VENV)/.changelog-group
	$(BIN)/towncrier build $(if $(VERSION),--yes --version $(VERSION),--draft --version unreleased)

# The same bytes twice from the same commit, by the setuptools and Cython of this environment, which the wheel's SBOM names.
dist: $(VENV)/.test-group
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$($(BIN)/python tools/release.py epoch)} && export SOURCE_DATE_EPOCH && \
	$(BIN)/python -m build --no-isolation --outdir dist .

# For Linux: a wheel for each Python, stripped and audited, installed into a new environment and tried, and the sdist.
wheels: $(VENV)/.wheels-group
	$(BIN)/python tools/wheels.py --out dist $(PYTHONS)

# What uses libraries of others, with the oldest of them that pyproject.toml allows, then with the newest: each in an
# environment of its own in build/bounds. LIBRARIES=oldest for one.
bounds:
	for of in $(or $(LIBRARIES),oldest newest); do $(PYTHON) tools/bounds.py $$of || exit 1; done

# Wheels of dist on a new bookworm, trixie and forky, by their own Pythons: SUITES=forky for one. As root, with debootstrap.
roots: $(VENV)/.package
	PYTHON=$(BIN)/python SUITES='$(or $(SUITES),bookworm trixie forky)' sh tests/support/platforms/roots.sh build/roots dist

# Manual pages of both commands, in build/man.
man: $(VENV)/.package
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$($(BIN)/python tools/release.py epoch)} $(BIN)/python tools/man.py build/man

clean:
	rm -rf build dist mutants docs/_build src/*.egg-info $(shell find src tests accuracy benchmarks tools -name __pycache__) $(shell find src -name '*.so') $(VENV)/.package
