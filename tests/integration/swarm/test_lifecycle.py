# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What instances on a swarm do by themselves, and what people and nodes do to them."""

from __future__ import annotations

from tests.integration.swarm.deployment import SERVES, SwarmDeployment
from tests.until import until


def test_what_evento_told_to_exit_stays_away_until_the_next_call(deployment: SwarmDeployment) -> None:
    deployment.publish("echo Application Started!; while [ ! -e /stop ]; do sleep 0.1; done; exit 0")
    deployment.run(instances=3)
    tell_one_to_exit(deployment)
    until(lambda: sum(deployment.running().values()) == 2, "one has exited")
    # A plain call keeps the number that runs, and clears away what is left of the third.
    result = deployment.run()
    assert sum(deployment.running().values()) == 2
    assert "2 running" in result["msg"]
    assert "had exited with code 0" in result["msg"]
    result = deployment.run(scale_by=1)
    assert "2 -> 3 running" in result["msg"]
    assert sum(deployment.running().values()) == 3


def tell_one_to_exit(deployment: SwarmDeployment) -> None:
    label = f"evento.bundle={deployment.id}"
    for name in deployment.swarm.nodes:
        with deployment.swarm.client(name) as engine:
            for container in engine.containers.list(filters={"label": label}):
                container.exec_run(["/bin/sh", "-c", ": > /stop"])
                return


def test_a_crash_is_started_again(deployment: SwarmDeployment) -> None:
    deployment.publish("echo Application Started!; sleep 3; exit 1")
    deployment.run(wait_timeout=20)
    [service] = deployment.services()

    def starts() -> int:
        with deployment.swarm.client() as engine:
            return len(engine.api.tasks(filters={"service": service["ID"]}))

    until(lambda: starts() > 1, "the swarm starts it again")


def test_one_is_not_started_again_where_that_is_not_wanted(deployment: SwarmDeployment) -> None:
    deployment.publish("echo Application Started!; sleep 1; exit 1")
    deployment.run(reschedule=False, wait=False)
    [service] = deployment.services()

    def failed() -> bool:
        with deployment.swarm.client() as engine:
            tasks = engine.api.tasks(filters={"service": service["ID"]})
        return [task["Status"]["State"] for task in tasks] == ["failed"]

    until(failed, "it has failed")
    deployment.publish()
    result = deployment.run(reschedule=False)
    assert "had exited with code 1" in result["msg"]
    assert sum(deployment.running().values()) == 1


def test_what_a_person_scaled_is_counted_and_set_right(deployment: SwarmDeployment) -> None:
    deployment.run(instances=2)
    name = deployment.names()[0]
    deployment.scale(name, 2)
    until(lambda: sum(deployment.running().values()) == 3, "there are three")
    result = deployment.run()
    assert "failed" not in result, result["msg"]
    assert len(deployment.names()) == 3
    assert sum(deployment.running().values()) == 3
    assert {service["Spec"]["Mode"]["Replicated"]["Replicas"] for service in deployment.services()} == {1}


def test_a_killed_worker_is_made_up_for(deployment: SwarmDeployment) -> None:
    deployment.bundle["maxInstances"] = 10
    deployment.run(instances=5)
    lost = deployment.swarm.nodes["w1"]
    assert deployment.running()["w1"] == 1
    lost.kill()
    until(lambda: sum(deployment.running().values()) == 5, "another node runs it", 60)
    result = deployment.run()
    assert "5 running, nothing to do" in result["msg"]
    assert [row["node"] for row in result["instances"] if row["state"] == "unreachable"] == ["w1"]
    assert "may still run on w1" in result["msg"]
    lost.start()
    until(lambda: sum(deployment.running().values()) == 5 and not deployment.running()["w1"], "the old one ends", 60)
    until(lambda: len(deployment.run()["instances"]) == 5, "nothing is out of reach")
    assert deployment.names() == [f"{deployment.id}-{number}" for number in range(1, 6)]


def test_a_worker_cut_off_and_back(deployment: SwarmDeployment) -> None:
    deployment.run(instances=3, constraints=["node.role==worker"])
    deployment.swarm.cut_off("w2")
    try:
        until(lambda: deployment.running()["w1"] == 3, "the other worker runs all", 60)
        result = deployment.run(scale_by=1, constraints=["node.role==worker"])
        assert "3 -> 4 running" in result["msg"]
        stopped = deployment.run(state="stopped")
        assert "failed" not in stopped, stopped["msg"]
        assert not deployment.names()
        assert not deployment.running()["w1"]
    finally:
        deployment.swarm.reconnect("w2")
    until(lambda: not sum(deployment.running().values()), "what ran there ends", 60)


def test_templates_in_values_stay_as_they_are(deployment: SwarmDeployment) -> None:
    script = 'echo "{{.Service.Name}} {{ $A"; echo "$B"; echo Application Started!; exec sleep 600'
    deployment.publish(script)
    deployment.bundle["environment"].update(A="{{foo}}", B='{{"x"}}')
    result = deployment.run()
    assert "failed" not in result, result["msg"]
    [service] = deployment.services()
    with deployment.swarm.client() as engine:
        log = b"".join(engine.api.service_logs(service["ID"], stdout=True, follow=False)).decode()
    assert "{{.Service.Name}} {{ {{foo}}" in log
    assert '{{"x"}}' in log
    assert "{{foo}}" not in str(result)


def test_stale_calls_check_mode_and_stop(deployment: SwarmDeployment) -> None:
    deployment.publish()
    deployment.run()
    predicted = deployment.run(check_mode=True, scale_by=1)
    assert "would start" in predicted["msg"]
    assert predicted["commands"][0].startswith(
        f"docker service create --detach --with-registry-auth --name {deployment.id}-2"
    )
    assert SERVES not in str(predicted)
    deployment.bundle["updatedAt"] -= 60
    assert deployment.run("m2", scale_by=1)["stale"] is True
    assert deployment.names() == [f"{deployment.id}-1"]
    result = deployment.run("m3", state="stopped")
    assert result["commands"] == [
        f"docker service scale {deployment.id}-1=0",
        f"docker service rm {deployment.id}-1",
    ]
    assert not deployment.names()
