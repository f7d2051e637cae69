# Everything is done by tests/run, which installs what it needs.
PYTHON := $(shell for python in python3.11 /usr/bin/python3.11 /usr/local/bin/python3.11 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo "$$python" && break; done)
GATES := lint format style shell changelog types unit oldest package ansible-lint sanity integration molecule
TOOLS := demo soak bench clean

.PHONY: help test $(GATES) $(TOOLS)
help:
	@echo "make demo: shows the product at work"
	@echo "make test: runs every gate; single ones: $(GATES)"
	@echo "make soak: runs the tests that have a long form in it, for hours"
	@echo "make bench: measures; make clean: removes what the other targets made"

test $(GATES) $(TOOLS):
	@$(or $(PYTHON),$(error Python 3.11 is not on the PATH: install it, or run make PYTHON=/path/to/python3.11)) tests/run $@
