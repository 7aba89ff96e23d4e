# site.mk: docs/ as a web site of static files, with the machine of docs/step-in-browser.md.
#
# The site needs no network: copy build/site to any server, or look at it with `make site-serve`.
# docs/publishing.md says more.

SITE := $(B)/site
SITE_PUBLIC := $(B)/site-public
# Where it is published, https://name.example/folder say: whoever does so writes it here, and README.md
# (scripts/gen-docs) and the pages name it. Without one the site is for any server, at its root.
SITE_URL ?=
# The folder on the server, with a slash at both ends: other links in all pages.
SITE_BASE ?= $(shell echo '$(SITE_URL)' | sed -E 's,^[a-z]+://[^/]*,,; s,/*$$,/,')
# Images that `step-in-browser.html?image=NAME` boots, beside disk.img: SITE_IMAGES="lab3.img ..."
SITE_IMAGES ?=
SITE_PORT ?= 8000
SEABIOS ?= /usr/share/seabios
NODE_MODULES := docs/node_modules/.package-lock.json
VITEPRESS := docs/node_modules/.bin/vitepress

site: setup-build setup-site ## build the documentation as a web site into build/site
	@$(MAKE) --no-print-directory disk.img
	@$(MAKE) --no-print-directory $(SITE)/index.html

site-serve: site ## the same, and show it at http://localhost:8000/ (SITE_PORT=)
	@$(PYTHON) -m http.server --bind 127.0.0.1 --directory $(SITE) $(SITE_PORT)

test-site: site setup-run setup-test setup-test-site ## does the machine in the browser show what the machine does?
	@$(PYTEST) tests/browser

$(NODE_MODULES): docs/package.json docs/package-lock.json
	$(call say,NPM,docs)
	$(Q)cd docs && npm ci --no-audit --no-fund --loglevel=error >/dev/null && touch ../$@

SITE_SOURCES := $(wildcard docs/*.md docs/*/*.md docs/*/*.svg docs/*/*.png docs/.vitepress/* \
                           docs/.vitepress/*/* docs/.vitepress/*/*/* levels/*.mjs levels/*/* stage?/*.* stage2/*/*.* \
                           fat/*.* kernel/*/*.* kernel/*/*/*.* user/*.* user/*/*.* include/*/*.* linker/*.* scripts/* tests/*/*.py \
                           labs/*/*.* .github/*/* .ci/run Makefile *.mk)

# Another address means other links in all pages.
$(B)/site-address: ALWAYS
	@mkdir -p $(@D)
	@echo '$(SITE_URL) $(SITE_BASE) $(SITE_IMAGES)' | cmp -s - $@ || echo '$(SITE_URL) $(SITE_BASE) $(SITE_IMAGES)' > $@

# NASM for the browser: made once, from the sources of the one that is installed.
$(B)/nasm.wasm: scripts/nasm-wasm
	$(call say,WASM,$@)
	@mkdir -p $(@D)
	$(Q)scripts/nasm-wasm $@

# The assembler and the machine of docs/boot-sector.md, for the page and for tests.
LEVELS_MACHINE := $(B)/levels-machine/boot.state.gz
$(LEVELS_MACHINE): $(B)/nasm.wasm $(NODE_MODULES) docs/.vitepress/boot-state.mjs docs/.vitepress/theme/levels/stepper.js \
                   docs/.vitepress/theme/levels/single_step.js levels/run.mjs
	$(Q)node docs/.vitepress/boot-state.mjs $(@D) $(SEABIOS)

levels-machine: setup-build setup-site
	@$(MAKE) --no-print-directory $(LEVELS_MACHINE)

level: setup-build setup-run setup-level ## check a boot sector of docs/boot-sector.md with NASM and QEMU: make level N=3
	@node levels/native/check.mjs "$(N)" $(SOURCE)

$(SITE)/index.html: disk.img $(SITE_IMAGES) $(B)/site-address $(NODE_MODULES) $(LEVELS_MACHINE) $(SITE_SOURCES)
	$(call say,SITE,$(SITE))
	$(Q)rm -rf $(SITE_PUBLIC)
	$(Q)node docs/.vitepress/source-pages.mjs $(SITE_PUBLIC)/source
	$(Q)node docs/.vitepress/machine-files.mjs $(SITE_PUBLIC)/machine $(SEABIOS) $(SITE_IMAGES)
	$(Q)cp $(dir $(LEVELS_MACHINE))* $(SITE_PUBLIC)/machine/
	$(Q)SITE_URL=$(SITE_URL) SITE_BASE=$(SITE_BASE) SITE_OUT=$(abspath $(SITE)) SITE_PUBLIC=$(abspath $(SITE_PUBLIC)) \
	    $(VITEPRESS) build docs > $(SITE_PUBLIC).log 2>&1 || { cat $(SITE_PUBLIC).log; exit 1; }

.PHONY: level levels-machine site site-serve test-site ALWAYS
