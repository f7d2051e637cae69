# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks settings before they are written: python -m evento_deploy.check_settings FILE [--files], text on its input.

FILE is where they will be; with --files, the files that they name must exist here. Not imported by a call.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ._errors import DONE, DeployError
from ._settings import check_files, parse_settings

ROLE_OPTIONS = Path(__file__).parents[3] / "evento_bundle" / "meta" / "argument_specs.yml"


def main(arguments: list[str]) -> int:
    """Print what is wrong as one sentence; the exit code is 0 if nothing is."""
    path = Path(arguments[0])
    try:
        settings = parse_settings(sys.stdin.buffer.read(), path, ROLE_OPTIONS)
        if "--files" in arguments:
            check_files(settings, path)
    except DeployError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
