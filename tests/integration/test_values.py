# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the JVM gets of a bundle's environment and vmOptions, and of the forms in which a bundle can come."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import docker
import pytest

from tests.integration.deployment import Deployment
from tests.integration.script_image import script_image

SAMPLES = Path(__file__).parent / "samples"
QUICK: dict[str, t.Any] = {"ready_when": "running", "ready_after": 0}
NASTY = {
    "spaces": "  two  words ",
    "quotes": """it's "quoted" `here`""",
    "equals": "a=b==",
    "dollar": "$HOME ${HOME} $(id) %PATH%",
    "newlines": "first\nsecond\n\nfourth\n",
    "carriage": "a\r\nb\rc",
    "tab": "a\tb\t",
    "backslashes": r"C:\new\table \\ \" \u0041 \n",
    "template": "{{ 1+1 }} {% raw %}{{ x }}{% endraw %} {# no #}",
    "non_ascii": "Z\u00fcrich \u65e5\u672c \u20ac",
    "emoji": "\U0001f680",
    "json": '{"a": [1, "b"]}',
    "options": "-Dnot=this -jar other.jar @file",
    "marks": "#hash;semicolon&ampersand|pipe<less>more*?[a]~!",
    "control": "\x01\x1b[0m\x7f",
}


def dumped(deployment: Deployment) -> dict[str, t.Any]:
    """What the JVM says of its environment and its options."""
    (container,) = deployment.containers()
    line = next(line for line in container.logs().splitlines() if line.startswith(b'{"environment"'))
    told = json.loads(line)
    assert isinstance(told, dict)
    return told


def warnings(result: dict[str, t.Any]) -> list[str]:
    return [warning["event"]["msg"] for warning in result["warnings"]]


def test_environment_arrives_byte_for_byte(deployment: Deployment) -> None:
    text = json.dumps(deployment.bundle)
    numbers = '"true": true, "number": 1.50, "big": 12345678901234567890, "small": 1e-7, "zero": 0'
    values = {**{f"NASTY_{name}": value for name, value in NASTY.items()}, "empty": "", "a.dotted-name": "x"}
    inside = json.dumps({"DEMO_DUMP": "1", **values})[1:-1]
    result = deployment.run(bundle=text.replace('"environment": {}', f'"environment": {{{inside}, {numbers}}}'))
    assert "failed" not in result, result["msg"]
    environment = dumped(deployment)["environment"]
    expected = {
        **values,
        "true": "true",
        "number": "1.5",
        "big": "12345678901234567890",
        "small": "0.0000001",
        "zero": "0",
    }
    assert {name: environment.get(name) for name in expected} == expected
    # The token is gone once the JAR has been downloaded.
    assert "APP_JAR_URL" not in environment


def test_vm_options_arrive_byte_for_byte(deployment: Deployment) -> None:
    options = {f"-Dnasty.{name}": value for name, value in NASTY.items()}
    deployment.publish(environment={"DEMO_DUMP": "1"}, vmOptions={"-Xmx": "64m", **options})
    result = deployment.run()
    assert "failed" not in result, result["msg"]
    assert "warnings" not in result
    arguments = dumped(deployment)["jvmArguments"]
    assert set(arguments) >= {f"{option}={value}" for option, value in options.items()}


def test_vm_options_are_joined_by_their_kind(deployment: Deployment) -> None:
    options = {
        "Xms": "16m",
        "-Xmx": "64m",
        "-Xss": "512k",
        "-XX:+UseSerialGC": "",
        "-XX:MaxMetaspaceSize": "100m",
        "-Dwith.equals=": "1",
        "-Dplain": "2",
        "-Xlog:": "disable",
        "Dflag": "",
        "-Dnumber": 1.5,
        "-Dyes": True,
    }
    deployment.publish(environment={"DEMO_DUMP": "1"}, vmOptions=options)
    result = deployment.run()
    assert "failed" not in result, result["msg"]
    assert dumped(deployment)["jvmArguments"] == [
        "-Dnumber=1.5",
        "-Dplain=2",
        "-Dwith.equals=1",
        "-Dyes=true",
        "-XX:+UseSerialGC",
        "-XX:MaxMetaspaceSize=100m",
        "-Xlog:disable",
        "-Xmx64m",
        "-Xss512k",
        "-Dflag",
        "-Xms16m",
    ]


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("as_object", [False, True], ids=["text", "object"])
def test_bundle_in_every_form(deployment: Deployment, path: Path, as_object: bool) -> None:
    text = path.read_text()
    sample = json.loads(text)
    # An id of its own, because the engine may run the same bundle for someone else.
    text = text.replace(f'"{sample["id"]}"', f'"{deployment.id}"')
    deployment.server.publish(deployment.id, deployment.lab.jar())
    bundle = json.loads(text) if as_object else text
    result = deployment.run(bundle=bundle, scale_by=1)
    assert result["msg"] == f"{deployment.id} v{sample['version']}: 0 -> 1 running, started {deployment.id}-1"
    assert not deployment.run(bundle=bundle)["changed"]
    assert deployment.run(bundle=bundle, scale_by=1)["msg"].startswith(f"{deployment.id} v{sample['version']}: 1 -> 2")


def test_the_bundles_own_url_and_arguments_win(deployment: Deployment) -> None:
    url = f"{deployment.server.container_url}/asset/bundle/{deployment.id}?token={deployment.server.token()}"
    own = {"APP_JAR_URL": url, "VM_ARGS": "-Downer=bundle", "DEMO_DUMP": "1"}
    deployment.publish(environment=own, vmOptions={"-Downer": "options"})
    # With a URL of its own nothing needs a token.
    result = deployment.run(token=None)
    assert "failed" not in result, result["msg"]
    assert warnings(result) == [
        f"The environment sets {name}, which takes the place of the one made from the bundle."
        for name in ("APP_JAR_URL", "VM_ARGS")
    ]
    assert dumped(deployment)["jvmArguments"] == ["-Downer=bundle"]


def test_foreign_image_and_quotes_in_vm_args(deployment: Deployment, engine: docker.DockerClient) -> None:
    image = script_image(engine)
    deployment.publish(vmOptions={"-Dplain": "word"})
    assert "warnings" not in deployment.run(image=image, **QUICK)
    deployment.publish(vmOptions={"-Dgreeting": "two words"})
    (warning,) = warnings(deployment.run(image=image, **QUICK))
    assert image in warning
    assert "quotes in VM_ARGS" in warning
