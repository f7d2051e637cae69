# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx's settings for the site; the session docs of noxfile.py builds it."""

project = "evento.docker"
html_title = project
copyright = "2026 The evento.docker maintainers"

extensions = ["sphinx_antsibull_ext"]
nitpicky = True
# They are in Ansible's own documentation.
nitpick_ignore = [
    ("std:ref", "action_plugins"),
    ("std:ref", "ansible_configuration_settings"),
    ("std:ref", "callback_plugins"),
    ("std:ref", "common_return_values"),
]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
smartquotes = False

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_use_index = False
html_show_sphinx = False
