# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose instances are, and which of them a run stops because nobody wants their bundle any more."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.plugins.module_utils._run.fake_deployment import FakeDeployment, done, run_many_on
from tests.unit.plugins.module_utils._run.fake_engine import FakeEngine


def bundle(name: str, **more: t.Any) -> dict[str, t.Any]:
    return {"id": name, "version": 1, "updatedAt": 1732320000, "maxInstances": 4, **more}


def running(**names_and_projects: str) -> FakeEngine:
    """An engine with two instances of each bundle, in its project."""
    engine = FakeEngine()
    for name, project in names_and_projects.items():
        result = run_many_on(engine, bundle(name), instances=2, project=project, wait=False)
        assert "failed" not in result, result["msg"]
    return engine


def test_instances_of_bundles_that_are_not_in_the_list_go() -> None:
    engine = running(a="default", b="default", c="default")
    predicted = run_many_on(engine, bundle("b"), prune=True, check_mode=True)
    assert len(engine.names) == 6
    result = run_many_on(engine, bundle("b"), prune=True)
    assert engine.names == ["b-1", "b-2"]
    assert predicted["msg"] == "1 bundle: 6 -> 2 running, would stop 4, would prune a and c"
    assert result["msg"] == "1 bundle: 6 -> 2 running, stopped 4, pruned a and c"
    assert done(result) == done(predicted) == ["stop a-1", "stop a-2", "stop c-1", "stop c-2"]
    assert {action["why"] for action in result["actions"]} == {"not among the bundles of project default"}
    assert (
        result["commands"]
        == predicted["commands"]
        == [f"docker stop -t 30 {name}" for name in ("a-1", "a-2", "c-1", "c-2")]
    )
    assert [(row["bundle"], row["pruned"], row["changed"]) for row in result["bundles"]] == [
        ("b", False, False),
        ("a", True, True),
        ("c", True, True),
    ]
    assert result["bundles"][1]["msg"] == "a: 2 -> 0 running, stopped a-1 and a-2"
    assert set(result["diff"]["before"]) == {"a-1", "a-2", "b-1", "b-2", "c-1", "c-2"}
    assert set(result["diff"]["after"]) == {"b-1", "b-2"}
    again = run_many_on(engine, bundle("b"), prune=True)
    assert (again["changed"], again["msg"]) == (False, "1 bundle: 2 running, nothing to do")


def test_nothing_goes_without_prune() -> None:
    engine = running(a="default", b="default")
    assert not run_many_on(engine, bundle("b"))["changed"]
    assert not run_many_on(engine)["changed"]
    assert len(engine.names) == 4


def test_other_projects_and_other_containers_are_left_alone() -> None:
    engine = running(a="shop", b="other")
    config = {"Image": "evento-bundle-container", "HostConfig": {}}
    # Neither is ours: one has no labels, the other only some.
    engine.create_container_from_config(config, "unrelated")
    engine.create_container_from_config({**config, "Labels": {"evento.project": "shop", "evento.bundle": "x"}}, "x-1")
    engine.create_container_from_config(
        {**config, "Labels": {"evento.project": "shop", "evento.managed-by": "evento.docker"}}, "y-1"
    )
    assert run_many_on(engine, bundle("c"), project="shop", prune=True)["changed"]
    assert engine.names == ["b-1", "b-2", "c-1", "unrelated", "x-1", "y-1"]


def test_of_a_bundle_in_two_projects_only_ones_own_instances_go() -> None:
    engine = running(a="shop")
    assert "failed" not in run_many_on(engine, bundle("a"), instances=3, project="other")
    result = run_many_on(engine, bundle("b"), project="shop", prune=True)
    assert engine.names == ["a-3", "b-1"]
    assert result["msg"] == "1 bundle: 2 -> 1 running, started 1, stopped 2, pruned a"


def test_instances_from_before_there_were_projects_belong_to_the_default_one() -> None:
    engine = running(a="default")
    for one in engine.there:
        del one.config["Labels"]["evento.project"]
    assert not run_many_on(engine, bundle("a"), prune=True)["changed"]
    run_many_on(engine, bundle("b"), prune=True)
    assert engine.names == ["b-1"]


def test_limits_count_whatever_the_project_and_a_warning_tells() -> None:
    engine = running(a="shop")
    result = run_many_on(engine, bundle("a", maxInstances=3), scale_by=2)
    assert engine.names == ["a-1", "a-2", "a-3"]
    assert result["warnings"] == ["a v1: Of project shop, not default, until they are replaced: a-1 and a-2."]
    published = run_many_on(engine, bundle("a", maxInstances=3, version=2, updatedAt=1732330000))
    assert published["warnings"] == []
    assert {one.config["Labels"]["evento.project"] for one in engine.there} == {"default"}


def test_run_for_one_bundle_has_a_project_too() -> None:
    orders = FakeDeployment(options={"project": "shop"})
    orders.run()
    assert orders.engine["orders-1"].config["Labels"]["evento.project"] == "shop"
    assert orders.run(project="other")["warnings"] == ["Of project shop, not other, until they are replaced: orders-1."]
    refused = orders.run(project="")
    assert refused["msg"] == "project: expected a name, got an empty one."


@pytest.mark.parametrize("check_mode", [True, False])
def test_empty_list_is_a_fault_unless_all_are_meant(check_mode: bool) -> None:
    engine = running(a="shop", b="other")
    refused = run_many_on(engine, prune=True, project="shop", check_mode=check_mode)
    assert (refused["failed"], refused["failure"]) == (True, "invalid_input")
    assert refused["msg"] == (
        "bundles is empty, so that prune would stop all instances of project shop: set prune_all if that is meant."
    )
    result = run_many_on(engine, prune=True, prune_all=True, project="shop", check_mode=check_mode)
    would = "would prune" if check_mode else "pruned"
    assert result["msg"].endswith(f"{would} a")
    assert engine.names == (["a-1", "a-2", "b-1", "b-2"] if check_mode else ["b-1", "b-2"])


def test_refused_entry_prunes_nothing() -> None:
    engine = running(a="default")
    assert run_many_on(engine, bundle("b"), "no JSON", prune=True)["failed"]
    assert engine.names == ["a-1", "a-2"]


def test_fault_of_a_bundle_does_not_keep_others_from_going() -> None:
    engine = running(a="default")
    result = run_many_on(engine, {"bundle": bundle("b"), "image": "missing", "pull": "never"}, prune=True)
    assert result["msg"].startswith("1 of 2 bundles failed: b v1: There is no image missing")
    assert result["changed"]
    assert engine.names == []


def test_a_login_without_a_repository_means_nothing_where_nothing_is_started() -> None:
    engine = running(a="default")
    stopped = FakeDeployment(engine, bundle("a")).run(state="absent", username="pusher", password="secret")
    assert done(stopped) == ["stop a-1", "stop a-2"]
