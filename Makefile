# make demo       run the notebooks on made-up data and write them as web pages
# make lab        open JupyterLab on the notebooks, connected to a sandbox
# make test       every check: lint, types, tests, notebooks
# make test-spark every metric over a cluster of Spark on this machine, where there is Java; TRY=--all-cases for all
# make thorough   the tests again, with many more random cases: hours
# make format     tidy the code and empty the notebooks of outputs
# make docs       write docs/behaviours.md from intercom_kit/behaviours.toml
# make site       build the documentation into build/site
# make charts     draw every chart, light and dark, at three widths, into build/charts
# make benchmark  measure speed and memory
# make lock       renew constraints.txt
# make clean      remove what the others made
#
# make release-check          rehearse a release on a copy: build, check, install and use the package
# make release VERSION=0.2.0  the same, then date the changelog, commit, tag, and leave wheel and sdist in dist/
#
# Everything lives in .venv, made on first use: make demo PYTHON=python3.13 chooses its Python.
# Tools are called as modules, since scripts do not start from a folder with a space in its name.

PYTHON = python3
PY = .venv/bin/python

# Where it is set, as in many containers, each process compiles every module anew: 6 s of a core instead of 1.6.
unexport PYTHONDONTWRITEBYTECODE

PIP = $(PY) -m pip --disable-pip-version-check --no-input -qq --log .venv/pip.log install -c constraints.txt

# uv installs in seconds what takes pip a minute or two; where uv cannot be had or fails, pip does it.
UV = $(PY) -m uv pip install -q --python $(PY) -c constraints.txt
INSTALL = installed() { \
  echo "Installing into .venv; this takes seconds with uv, and a minute or two with pip."; \
  $(PIP) uv && $(UV) -e "$$1" || $(PIP) -e "$$1" || { echo "The whole story is in .venv/pip.log." >&2; exit 1; }; \
}; installed

.PHONY: demo lab test lint types unit test-spark thorough notebooks format docs site charts benchmark lock clean release \
  release-check
.DELETE_ON_ERROR:

demo: .venv/lab
	@$(PY) -m intercom_kit.cli demo

lab: .venv/lab
	@$(PY) -m intercom_kit.cli lab

test: lint types unit notebooks

lint: .venv/dev
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m vulture
	$(PY) -m nbstripout --keep-id --verify notebooks/*.ipynb

types: .venv/dev
	$(PY) -m mypy

unit: .venv/dev
	$(PY) -m pytest -n 2 --dist worksteal

# As an analyst has it: only Spark's client, and no Java. The cluster has an environment of its own.
SPARK = build/spark/client/bin/python
SPARK_PIP = $(PY) -m uv pip install -q -c constraints.txt --python

test-spark: build/spark/ready
	$(SPARK) -m pytest tests/spark $(TRY)

build/spark/ready: .venv/dev
	@command -v java > /dev/null || { echo "make test-spark needs Java 17 or newer" >&2; exit 1; }
	@echo "Installing Spark into build/spark; this takes a minute."
	@$(PYTHON) -m venv build/spark/client && $(PYTHON) -m venv build/spark/server
	@$(SPARK_PIP) $(SPARK) -e '.[spark]' pytest pytest-timeout pytest-xdist
	@$(SPARK_PIP) build/spark/server/bin/python -e . pyspark==4.3.0 sqlglot pyarrow grpcio grpcio-status \
	  googleapis-common-protos zstandard
	@$(SPARK_PIP) $(SPARK) pysail==0.7.2 || echo "Sail cannot be had here: its tests are skipped" >&2
	@touch $@

thorough: .venv/dev
	$(PY) -m pytest -n 2 --dist worksteal --all-cases --fuzz 4000 --conditions 100000 --statements 6000 --bombs 200 --faulty 12 \
	  --crowd 60 --top-ups 1500 --shots 60 --kills 60 --workspaces 5

notebooks: .venv/dev
	$(PY) -m pytest -n 2 --nbmake --nbmake-timeout=120 -p tests.notebooks.sandbox_beside_notebooks notebooks

format: .venv/dev
	$(PY) -m ruff check --fix
	$(PY) -m ruff format
	$(PY) -m nbstripout --keep-id notebooks/*.ipynb

docs: .venv/dev
	$(PY) -m tools.behaviour_page > docs/behaviours.md

charts: .venv/dev
	$(PY) -m tools.contact_sheet

# Strict: a broken link fails, and so does anything that a page would load from the network.
site: .venv/dev
	$(PY) -m mkdocs build --strict
	@echo "Open build/site/index.html"

benchmark: .venv/dev
	$(PY) -m tests.benchmarks

release-check: .venv/dev
	@$(PY) -m tools.release check

release: .venv/dev
	@$(PY) -m tools.release make $(VERSION)

# What a fresh environment resolves to today, without the project itself; the comment on top stays.
lock:
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --disable-pip-version-check -qq -e '.[dev,spark]'
	{ grep '^#' constraints.txt; \
	  build/lock/bin/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools; } > build/lock/pins
	mv build/lock/pins constraints.txt
	rm -rf build/lock

clean:
	rm -rf .venv build demo-pages dist .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

.venv/lab: pyproject.toml constraints.txt | $(PY)
	@$(INSTALL) '.[lab]'
	@touch $@

# The tools for development come on top of JupyterLab, so this stands in for .venv/lab too.
.venv/dev: pyproject.toml constraints.txt | $(PY)
	@$(INSTALL) '.[dev]'
	@touch .venv/lab $@

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "intercom_kit needs Python 3.11 or newer; name one: make PYTHON=python3.13 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
