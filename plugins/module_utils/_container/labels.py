# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and values of the labels by which this collection knows its containers."""

from __future__ import annotations

COLLECTION = "evento.docker"

MANAGED_BY = "evento.managed-by"
BUNDLE = "evento.bundle"
VERSION = "evento.version"
UPDATED_AT = "evento.updated-at"
SPEC = "evento.spec"
SLOT = "evento.slot"
# Whose the instance is; one without it is older than this label.
PROJECT = "evento.project"
DEFAULT_PROJECT = "default"
# The id of the container that this one was started to replace, or that it stands by for.
REPLACES = "evento.replaces"
STANDBY_OF = "evento.standby-of"
# How many seconds longer than others it may take from its creation to its start, because a JAR is copied into it.
GRACE = "evento.grace"
# There is a health check, so that running means healthy; only on services of a swarm.
HEALTHCHECK = "evento.healthcheck"

# On images: what an exit code means, and how the image reads VM_ARGS. See roles/evento_bundle/files.
EXIT_CODE_PREFIX = "evento.exit-code."
# And where it looks for a JAR that is part of it.
BUILT_IN_JAR = "evento.jar"
VM_ARGS_FORMAT = "evento.vm-args"
JAVA_ARGUMENT_FILE = "java-argfile"
