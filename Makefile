# make book · make pdf · make epub · make example · make test · make check · make bench · make serve · make lock · make clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUILD := _build

.DEFAULT_GOAL := book
.PHONY: book pdf epub example test check lint bench serve book-newest lock clean

# The environment: exactly what requirements.lock pins, and the package itself from this folder.
$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("nnbook needs Python 3.11 or newer, and this is %s. Choose another with: make PYTHON=python3.11" % sys.version.split()[0])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q nnbook  # as pip does for what is not editable
	@touch $@

# Jupyter Book wants absolute paths. Warnings are errors; -n reports every broken reference.
JUPYTER_BOOK = $(BIN)/jupyter-book build -W -n --keep-going --quiet book \
	--config "$(CURDIR)/_config.yml" --toc "$(CURDIR)/_toc.yml" --path-output .

book: $(VENV)/.ready
	$(JUPYTER_BOOK)
	@echo "The book: $(BUILD)/html/index.html"

pdf: $(VENV)/.ready
	$(JUPYTER_BOOK) --builder custom --custom-builder typst
	cp $(BUILD)/typst/main.pdf $(BUILD)/nnbook.pdf
	@echo "The book: $(BUILD)/nnbook.pdf"

epub: $(VENV)/.ready
	$(JUPYTER_BOOK) --builder custom --custom-builder epub
	cp $(BUILD)/epub/nnbook.epub $(BUILD)/nnbook.epub
	@echo "The book: $(BUILD)/nnbook.epub"

# The report of the worked example. The book's build makes it too, for the chapter that links to it.
example: $(VENV)/.ready
	@mkdir -p $(BUILD)
	$(BIN)/nnbook lab report examples/lab4 -o $(BUILD)/lab4-report.pdf

EXPLORABLES := nnbook/publishing/explorables
DENO = $(BIN)/deno --quiet

lint: $(VENV)/.ready
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	$(BIN)/codespell
	DENO_DIR=$(BUILD)/deno $(DENO) check --config $(EXPLORABLES)/deno.json $(EXPLORABLES)/*/*.mjs
	$(DENO) fmt --check --config $(EXPLORABLES)/deno.json $(EXPLORABLES)/*/*.mjs $(EXPLORABLES)/*/*/*.mjs \
		$(EXPLORABLES)/loader.js tests/publishing/explorables/*.mjs

PYTEST = $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder  # its order: tests/conftest.py

test: lint
	$(PYTEST) -m "not thorough"

check: lint book
	$(PYTEST)

bench: $(VENV)/.ready
	$(BIN)/python -m benchmarks

serve: book
	$(BIN)/python -m http.server --directory $(BUILD)/html 8000

# The same sources on the newest Sphinx, without Jupyter Book: see conf.py.
$(VENV)-newest/.ready: requirements-newest.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)-newest
	$(VENV)-newest/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-newest.lock
	$(VENV)-newest/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

book-newest: $(VENV)-newest/.ready
	$(VENV)-newest/bin/sphinx-build -W -n --keep-going -q -c . -d $(BUILD)/newest/doctrees book $(BUILD)/newest/html

COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-header --upgrade pyproject.toml

lock: $(VENV)/.ready
	$(COMPILE) --extra book --extra dev -o requirements.lock
	$(COMPILE) --extra book-newest -o requirements-newest.lock
	$(COMPILE) --extra binder --constraints requirements.lock -o binder/requirements.txt

clean:
	rm -rf $(BUILD)
