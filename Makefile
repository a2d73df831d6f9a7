# The front door. Two commands for a newcomer: make demo, make test.
.PHONY: all demo test lint tidy fuzz bench crash mutants soak soak-authority install package build clean help

BUILD := build/release
PREFIX ?= /usr/local

help:
	@echo "make demo     install what is missing, build, and show the five systems working"
	@echo "make test     the same, and run every test"
	@echo "make lint     the rules of the house: format, includes, secrets, headers"
	@echo "make tidy     clang-tidy over everything; slow"
	@echo "make fuzz     every fuzz target for SECONDS=60, under sanitizers; TARGETS=\"json jws\" for some; slow"
	@echo "make bench    measure, one line a promise; GRANTS=1000,10000000 for N8 with so many live grants"
	@echo "make crash    kill renewals at every single system call; slow"
	@echo "make mutants  seed defects, one after the other: each must turn a test red"
	@echo "make soak     ten minutes of accidents (SECONDS=600), ending in a verdict"
	@echo "make soak-authority  the authority under mixed load (SECONDS=600): what it holds stays as it is"
	@echo "make package  Debian packages in build/packages"
	@echo "make install  build and install below PREFIX ($(PREFIX)); DESTDIR is honoured"

all: build

build:
	@tools/setup build
	@tools/build release latchkey latchkeyd liblatchkey

demo:
	@tools/setup build demo
	@tools/build release latchkey latchkeyd
	@tools/demo --bin $(BUILD)/bin

test:
	@tools/setup build demo test
	@tools/test

lint:
	@tools/setup build test
	@tools/lint

tidy:
	@tools/setup build test
	@tools/tidy

fuzz:
	@tools/setup build test
	@tools/fuzz $(or $(SECONDS),60) $(TARGETS)

bench:
	@tools/setup build demo bench
	@tools/build release latchkey latchkeyd bench
	@tools/bench --bin $(BUILD)/bin --keep docs/performance.md $(if $(GRANTS),--grants $(GRANTS))

crash:
	@tools/setup build demo test
	@tools/crash

mutants:
	@tools/setup build demo test
	@tools/mutants

soak: export SECONDS ?= 600
soak:
	@tools/setup build demo test
	@tools/soak

soak-authority: export SECONDS ?= 600
soak-authority:
	@tools/setup build demo test
	@tools/soak_authority

install: build
	@cmake --install $(BUILD) --prefix $(PREFIX) >/dev/null && echo "installed below $(DESTDIR)$(PREFIX)"

package:
	@tools/setup build test
	@tools/package

clean:
	rm -rf build
