# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All in here is private to this collection: nothing of it is promised to anybody else.

The rooms, from the top down; each uses only those below it: _run, _apply, _engine, _container, _plan and _artifact,
_bundle, _base. CONTRIBUTING.md says what lives where.
"""
