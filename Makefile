# make            build bin/nerdctl            make demo       a web server in a container, from nothing
# make test       all tests                    make bench      compare with docker, podman and ctr
# make lint       formatting, types, warnings  make install    into PREFIX (/usr/local), below DESTDIR
# make clean      remove what was built        make uninstall  what make install has put there
# make install-docker  the same, and the name  make deb        packages for Debian and Ubuntu, in build/deb
#                      docker with it
# make dist            one file that needs nothing of the machine it runs on: dist/nerdctl

PREFIX ?= /usr/local
DESTDIR ?=

# A Node that setup.sh had to fetch comes first; the tools of the project come from node_modules.
export PATH := $(CURDIR)/.tools/node/bin:$(CURDIR)/node_modules/.bin:$(PATH)

SOURCES := $(shell find src -name '*.ts' -not -path 'src/gen/*' 2>/dev/null)
PROTOS := $(shell find proto -name '*.proto' 2>/dev/null) buf.gen.yaml buf.gen.moby.yaml proto/buf.yaml
SCRIPTS := $(wildcard scripts/*.sh scripts/deb/build.sh scripts/deb/p* rootless/*.sh completions/*.bash test/harness/*.sh .ci/run)
COMPLETIONS := $(wildcard completions/*)
INSTALL = PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' sh scripts/install.sh

.DEFAULT_GOAL := build
.PHONY: build dist generate demo test bench lint install install-docker uninstall deb clean distclean
.DELETE_ON_ERROR:

include src/monitor/native.mk

build: bin/nerdctl man/nerdctl.1 $(MONITOR)

.tools/setup-build: scripts/setup.sh
	@sh scripts/setup.sh build
	@mkdir -p $(@D) && touch $@

node_modules/.package-lock.json: package-lock.json | .tools/setup-build
	@echo "Downloading the packages of the build from the npm registry into node_modules/"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

src/gen/.made: $(PROTOS) node_modules/.package-lock.json
	@echo "Generating src/gen from proto/"
	@buf generate
	@buf generate --template buf.gen.moby.yaml
	@touch $@

generate: src/gen/.made

bin/nerdctl: $(SOURCES) $(COMPLETIONS) scripts/build.ts scripts/bundles.ts scripts/completions.ts scripts/bytecode.cjs scripts/loader.cjs scripts/launcher.sh package.json tsconfig.json src/gen/.made
	@echo "Building bin/nerdctl"
	@tsx scripts/build.ts
	@touch $@

man/nerdctl.1: $(SOURCES) $(wildcard rootless/containerd-*.sh) scripts/docs.ts $(wildcard scripts/reference/*.ts) package.json src/gen/.made
	@tsx scripts/docs.ts man
	@touch $@

$(MONITOR): | .tools/setup-build

# The runtime inside has 100 MB and is fetched for this alone.
.tools/bun/.made: scripts/bun/package-lock.json | .tools/setup-build
	@echo "Downloading Bun from the npm registry into .tools/bun/"
	@mkdir -p $(@D)
	@cp scripts/bun/package.json scripts/bun/package-lock.json $(@D)/
	@cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

DIST := dist/nerdctl-$(shell uname -s -m | tr 'A-Z ' 'a-z-').tar.gz

dist/nerdctl: bin/nerdctl $(wildcard src/launcher/* rootless/*) $(MONITOR_SOURCES) scripts/dist.ts .tools/bun/.made
	@echo "Building dist/nerdctl"
	@mkdir -p dist
	@tsx scripts/dist.ts .tools/bun/node_modules/@oven/bun-linux-*/bin/bun $@

$(DIST): dist/nerdctl
	@echo "Packing $@"
	@tar -C dist --owner=0 --group=0 -czf $@ nerdctl
	@cd dist && sha256sum nerdctl $(@F) >SHA256SUMS

dist: $(DIST)

# What is missing on the machine is installed at once, before anything is built.
demo:
	@sh scripts/setup.sh build run
	@$(MAKE) -s --no-print-directory build
	@sh scripts/demo.sh

test bench:
	@sh scripts/setup.sh build run test
	@$(MAKE) -s --no-print-directory build
	@sh scripts/test-setup.sh
	@sh scripts/as-root.sh tsx $@/run.ts

lint: src/gen/.made
	biome check
	tsc -p .
	$(CC) $(MONITOR_WARNINGS) -fsyntax-only $(MONITOR_SOURCES) $(wildcard src/launcher/*.c)
	@if command -v shellcheck >/dev/null 2>&1; then shellcheck $(SCRIPTS); else echo "shellcheck is not installed: scripts are not checked"; fi

install: build
	@$(INSTALL) install

install-docker: build
	@$(INSTALL) docker

uninstall:
	@$(INSTALL) uninstall

deb: build
	@sh scripts/setup.sh package
	@sh scripts/deb/build.sh build/deb

clean:
	rm -rf build bin dist man src/gen bench/results

# What was downloaded goes too.
distclean: clean
	rm -rf node_modules .tools .cache
