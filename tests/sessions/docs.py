# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation as a site: the plugins' own, and the pages in docs/docsite."""

from __future__ import annotations

import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.sessions.environment import CACHE, ROOT, inside
from tests.sessions.programs import StepFailed, run, say
from tests.sessions.tree import tracked_files
from tests.sessions.venvs import ready_venv

_DOCS = ROOT / "docs"
_SITE = CACHE / "docs"


def build_site() -> None:
    """Build the site, and check the links within it and those from README.md and its like. Raises StepFailed."""
    programs = ready_venv(CACHE / "docs-venv", Path(sys.executable), [_DOCS / "requirements.txt"])
    source, site = _SITE / "source", _SITE / "html"
    shutil.rmtree(_SITE, ignore_errors=True)
    # antsibull-docs wants that others cannot write there.
    source.mkdir(parents=True, mode=0o755)
    env = {**inside(), "ANSIBLE_COLLECTIONS_PATH": str(next(programs.parent.glob("lib/python3*/site-packages")))}
    env["PATH"] = f"{programs}:{env['PATH']}"
    settings = ("--config-file", _DOCS / "sphinx" / "antsibull-docs.cfg")
    words = ("collection", "--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", source)
    run([programs / "antsibull-docs", *settings, *words, "evento.docker"], env=env, cwd=ROOT)
    # It writes the collection's name as if it were a sentence's.
    front = source / "index.rst"
    front.write_text(front.read_text().replace("\nEvento.Docker\n", "\nevento.docker\n", 1))
    # It copies texts only.
    for picture in (*_DOCS.glob("*.svg"), *_DOCS.glob("docsite/rst/*.svg")):
        shutil.copy(picture, source / "docsite")
    strict = ("-W", "--keep-going", "--quiet")
    run([programs / "sphinx-build", *strict, "-c", _DOCS / "sphinx", source, site], env=env, cwd=ROOT)
    _check_links(site)
    _check_links_of_texts()
    say(f"-- the site: {site.relative_to(ROOT) / 'index.html'}")


class _Page(HTMLParser):
    """The places of a page that a link can lead to, and its own links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.places |= {place for place in (given.get("id"), given.get("name")) if place}
        self.links |= {link for link in (given.get("href"), given.get("src")) if link}


def _check_links(site: Path) -> None:
    pages = {path: _Page(path.read_text()) for path in site.rglob("*.html")}
    broken = []
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = target in pages and (not parts.fragment or unquote(parts.fragment) in pages[target].places)
            if not (there or (target.is_file() and target not in pages)):
                broken.append(f"{path.relative_to(site)}: {link}")
    if broken:
        raise StepFailed("links that lead nowhere: " + ", ".join(broken))
    say(f"-- {len(pages)} pages, {sum(len(page.links) for page in pages.values())} links")


def _check_links_of_texts() -> None:
    """Look at the links to files; a picture may be missing, as that of benchmarks is until they were run."""
    texts = [ROOT / name for name in tracked_files() if name.suffix == ".md"]
    links = [(path, link) for path in texts for link in re.findall(r"(?<!!)\[[^]]*\]\(([^)#\s]+)", path.read_text())]
    inner = [(path, link) for path, link in links if not urlsplit(link).scheme]
    broken = [f"{path.relative_to(ROOT)}: {link}" for path, link in inner if not (path.parent / unquote(link)).exists()]
    if broken:
        raise StepFailed("links that lead nowhere: " + ", ".join(broken))
    say(f"-- {len(texts)} texts beside it, {len(inner)} links to files")
