# Fieldtill. `make demo` shows it, `make check` says whether it is sound. Needs Python 3.11 or newer and make.
#
#   install      .venv with everything; costs nothing when it is up to date
#   demo         the server, the console and a phone in the browser, with example data
#   test         all tests, in a real browser too
#   lint         format, lint, types, import contracts
#   check        lint, then test: what CI runs
#   bench        the figures that the documentation quotes
#   i18n         gather the sentences into assets/i18n/*.po and compile them
#   screenshots  the pictures of the documentation
#   fonts icons  cut the fonts, draw the icons (Debian; results are committed)
#   lock         write requirements/*.txt anew; `make lock UPGRADE=--upgrade` takes newer versions

.PHONY: install demo test lint check bench i18n screenshots fonts icons lock
.NOTPARALLEL:
.DEFAULT_GOAL := check

BIN := .venv/bin
INSTALLED := .venv/.installed
CATALOGUES := $(wildcard assets/i18n/*/LC_MESSAGES/fieldtill.po)
PYTEST_ARGS ?= -q

install: $(INSTALLED) $(CATALOGUES:.po=.mo)

$(INSTALLED): requirements/dev.txt requirements/installer.txt pyproject.toml tools/install.sh
	@PYTHON="$(PYTHON)" tools/install.sh
	@touch $@

%.mo: %.po | $(INSTALLED)
	@$(BIN)/python tools/i18n.py compile
	@touch $@

demo: install
	@$(BIN)/fieldtill demo

test: install
	@FIELDTILL_BROWSER="$$(tools/browser.sh)" && export FIELDTILL_BROWSER && $(BIN)/pytest $(PYTEST_ARGS)

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

bench: install
	@for script in bench/[a-z]*.py; do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

i18n: install
	@$(BIN)/python tools/i18n.py update

screenshots: install
	@FIELDTILL_BROWSER="$$(tools/browser.sh)" && export FIELDTILL_BROWSER && $(BIN)/python tools/screenshots.py

fonts: install
	@dpkg -s fonts-noto-cjk fonts-noto-core unicode-data >/dev/null 2>&1 \
		|| tools/apt.sh fonts-noto-cjk fonts-noto-core unicode-data
	@$(BIN)/python tools/fonts.py

icons: install
	@$(BIN)/python tools/icons.py

# One resolution for Python 3.11 and newer, on any platform. The phone's versions hold for the server, the server's for
# the tests. Nothing about where packages came from is written down.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header --no-annotate --no-sources $(UPGRADE)
lock: install
	$(COMPILE) pyproject.toml -o requirements/phone.txt
	$(COMPILE) pyproject.toml --extra server -c requirements/phone.txt -o requirements/server.txt
	$(COMPILE) pyproject.toml --extra server --extra dev -c requirements/server.txt -o requirements/dev.txt
	echo uv | $(COMPILE) - -o requirements/installer.txt
	@! grep -nE '://|^-|[ @]/|--(find-links|index|extra-index)' requirements/*.txt
