# SPDX-License-Identifier: Apache-2.0
# The front door. Each target installs the Debian packages it lacks (packages.txt), and does nothing when they are there.

PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
STRESS_SECONDS ?= 600
KILLS ?= 200
JOBS := $(shell nproc)

need = @packaging/install-packages
configure_and_build = cmake --preset $(1) && cmake --build --preset $(1)
# Tests that compare what a program measures of itself with its report get three tries: on a machine that serves others a
# moment's load is no defect. What fails each time is one.
test = ctest --preset $(1) -j $(JOBS) --repeat until-pass:3
# ThreadSanitizer of gcc 12 does not know all places where newer kernels put things: no randomising, where that is allowed.
unrandomised = $(shell setarch --addr-no-randomize true 2>/dev/null && echo setarch --addr-no-randomize)

.DEFAULT_GOAL := build
.PHONY: help build check demo install bench fuzz oracle gotraces gomutations asan tsan ubtrap coverage format clean
.NOTPARALLEL:

help: ## show this
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 16

build: ## build/tickbird and build/libtickbird.so (what `make` does)
	$(need) build
	$(call configure_and_build,dev)

check: ## build and run every test, sanitizers included
	$(need) build check
	$(call configure_and_build,dev)
	$(MAKE) asan tsan ubtrap
	$(call test,dev)

asan: ## unit, golden and fuzz-replay tests under the address and undefined behaviour sanitizers
	$(need) build check
	$(call configure_and_build,asan)
	$(call test,asan)

tsan: ## unit tests under the thread sanitizer
	$(need) build check
	$(call configure_and_build,tsan)
	$(unrandomised) $(call test,tsan)

ubtrap: ## preload tests, undefined behaviour ends the program
	$(need) build check
	$(call configure_and_build,ubtrap)
	STRESS_SECONDS=10 $(call test,ubtrap)

coverage: ## which lines the tests reach, as a table
	$(need) build check coverage
	$(call configure_and_build,coverage)
	find build-coverage -name '*.gcda' -delete
	$(call test,coverage)
	gcovr --root . --filter src/ --exclude '.*_test\.c' build-coverage

demo: build ## run the example service with a fault under load, and print the report
	$(need) build demo
	examples/orders/demo build

bench: build ## measure what tickbird costs
	$(need) build bench
	bench/run

fuzz: ## feed the readers with bad input, FUZZ_SECONDS for each
	$(need) build fuzz
	$(call configure_and_build,fuzz)
	for target in $(patsubst fuzz/%_fuzz.c,%,$(wildcard fuzz/*_fuzz.c)); do \
		mkdir -p build-fuzz/found/$$target && \
		build-fuzz/fuzz_$$target -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build-fuzz/ \
			build-fuzz/found/$$target fuzz/corpus/$$target || exit 1; \
	done

gomutations: ## 10,000 damaged Go traces under the address and undefined behaviour sanitizers
	$(need) build check
	$(call configure_and_build,asan)
	TICKBIRD_MUTATIONS=10000 TICKBIRD_BUILD=build-asan PYTHONPATH=tests python3 tests/go/mutations.py

gotraces: ## write tests/go/traces anew: needs Go and the network
	tests/go/make_traces.py

story = TICKBIRD_BUILD=build PYTHONPATH=tests PYTHONDONTWRITEBYTECODE=1 python3

stress: build ## everything at once under the recorder, for STRESS_SECONDS; SEED=N repeats one
	$(need) check
	STRESS_SECONDS=$(STRESS_SECONDS) $(story) tests/preload/stress.py

kill-storm: build ## program, recorder and both killed, shared memory scribbled over, KILLS times each; SEED=N repeats one
	$(need) check
	KILLS=$(KILLS) $(story) tests/preload/kills.py
	KILLS=$(KILLS) $(story) tests/preload/scribbled.py

oracle: build ## hold the stack walk against the truth at each of 2 million instructions of 10 programs (an hour)
	$(need) build oracle
	python3 tests/oracle/oracle.py

install: build ## install below PREFIX (and DESTDIR)
	DESTDIR="$(DESTDIR)" cmake --install build --prefix "$(PREFIX)"

format: ## bring all C into one look
	$(need) check
	git ls-files -z --cached --others --exclude-standard '*.c' '*.h' | xargs -0 clang-format-14 -i

clean: ## remove the build folders
	rm -rf build build-asan build-tsan build-ubtrap build-coverage build-fuzz build-release
