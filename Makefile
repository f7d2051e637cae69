# Everything is done by the sessions of noxfile.py; tests/sessions sets up .venv first, and sums up in the end.
PYTHON := $(shell for python in python3.11 /usr/bin/python3.11 /usr/local/bin/python3.11 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo "$$python" && break; done)
NO_PYTHON = Python 3.11 is not on the PATH: install it, or run make PYTHON=/path/to/python3.11
RUN = $(or $(PYTHON),$(error $(NO_PYTHON))) -m tests.sessions
SESSIONS := shellcheck changelog workflows typing unit debian package docs-check docs ansible-lint sanity \
	units targets integration engines molecule matrix release-check

.PHONY: help test lint demo demo-swarm soak bench clean $(SESSIONS)
help:
	@echo "make demo: shows the product at work; make demo-swarm: on a Docker Swarm"
	@echo "make test: runs every gate; single ones: lint $(SESSIONS)"
	@echo "make soak: runs the tests that have a long form in it, for hours"
	@echo "make bench: measures; make clean: removes what the other targets made"
	@echo "More, and with arguments: .venv/bin/nox --list"

lint: SESSION := checks
test lint demo demo-swarm soak bench clean $(SESSIONS):
	@$(RUN) $(or $(SESSION),$@)
