#!/usr/bin/python
# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: evento_bundle
short_description: Run the instances of an Evento bundle on Docker
version_added: 1.0.0
description:
  - Given a bundle, as Evento Server describes it in JSON, and a token for its artifact, makes sure that the right
    number of up-to-date instances of that bundle runs on a Docker engine.
  - Instances are containers of the image O(image), or services of a Docker Swarm (O(backend=swarm)). Only those that
    carry the collection's labels for the bundle in hand are looked at or touched.
  - Outdated instances are replaced one at a time. An instance is outdated when the bundle's version, artifact,
    environment or vmOptions, the image, or any container option has changed; a new token, C(updatedAt) or description
    changes nothing.
  - Any number of runs, from any number of hosts, can work on one engine at the same time. There are never more than
    C(maxInstances) instances, and one for a replacement that is on its way.
  - A run that is killed leaves nothing behind that the next run does not put right. It waits a few seconds where it
    finds a container that has only just been created, because another run may be about to start it.
author:
  - The evento.docker maintainers (@EventoFramework)
extends_documentation_fragment:
  - evento.docker._client
  - evento.docker._instance
  - evento.docker._attributes
requirements:
  - python-dxf 12.1 or later, for O(artifact=image)
attributes:
  check_mode:
    support: full
    details:
      - With O(pull=always), or where the image is missing, check mode does not pull, so it cannot see that a newer
        image would make instances outdated.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - With O(scale_by) each run starts (or stops) that many more, within the bundle's limits. With O(recreate) each
        run replaces all instances.
options:
  bundle:
    description:
      - The bundle as JSON text, or as the object that it describes. Text is the better choice, because it keeps the
        digits of numbers and shows keys that come twice. The filter C(string) in the examples keeps it text with
        ansible-core 2.18, too.
      - Only C(id) is required. Fields that the module does not know are left alone.
      - C(minInstances) is V(0) and C(maxInstances) V(64) where the bundle does not say otherwise.
      - Either this or O(bundles) is required.
    type: raw
  bundles:
    description:
      - Many bundles at once, instead of O(bundle).
      - An entry is a bundle, in the same forms as O(bundle). Or it is an object with the key C(bundle) and, beside it,
        options of this module that hold for this bundle instead of those of the task.
      - So can stand there O(state), all options that say how many instances are to run and how they are replaced, all
        about artifact and image but O(repository) and its login, about when an instance is ready, and all that describe
        the container.
      - An entry that cannot be used, such as a second one for the same bundle, makes the task fail before anything is
        done. All that goes wrong after that is the matter of one bundle; the others are carried out, and the task
        fails in the end, with all that went wrong.
      - Bundles are carried out side by side, as many as the Docker host has CPUs. No more instances than that start at
        a time, so that they do not keep each other from becoming ready. With O(wait=false), nobody sees how long an
        instance takes to start, so all start one after the other.
    type: list
    elements: raw
  project:
    description:
      - Whose the instances are. It matters only for O(prune).
      - The limits of a bundle count all its instances, whatever their project. An instance that is started belongs to
        the project of the task that starts it, and stays in it until it is replaced, which another project alone is no
        reason for. A warning tells of instances that belong to another project.
    type: str
    default: default
  prune:
    description:
      - Whether to stop and remove all instances that belong to O(project) and whose bundle is not in O(bundles).
      - No other containers are touched, whatever they are.
    type: bool
    default: false
  prune_all:
    description:
      - That O(prune) may find O(bundles) empty, and then stops all instances that belong to O(project).
      - Without it, that is a fault, because an empty list is more often a mistake.
    type: bool
    default: false
  token:
    description:
      - The token with which the artifact is downloaded from Evento Server.
      - Needed only when an instance is started, so a run that finds nothing to do does not mind an expired one.
      - With O(bundles) it is the one for all of them.
      - With O(artifact_url) no token is needed.
    type: str
  backend:
    description:
      - V(containers) runs each instance as a container on the engine at O(docker_host).
      - V(swarm) runs each instance as a service of a Docker Swarm, with one task, on the node where the swarm places
        it. O(docker_host) is one of its managers.
      - With V(swarm), O(image) is in a registry that each node reaches, and the manager pulls it, too, where O(pull)
        does not say V(never), to see whether it has a health check. The login for the registry is that of the Docker
        configuration of who runs the module.
      - With V(swarm), O(artifact=copy) is refused, and so is O(artifact=url) with a token, unless O(reschedule=false).
        O(artifact=image) is what suits a swarm, or O(artifact_url), which each node can download at any time.
      - 'These options are refused with V(swarm), each with the reason: O(restart_policy), O(auto_remove),
        O(security_opts), O(memory_swap), O(cpu_shares), O(cpuset_cpus), O(network_mode) other than V(host),
        O(log_driver=none), and in O(published_ports) an address or a range of ports.'
    type: str
    choices: [containers, swarm]
    default: containers
  state:
    description:
      - V(started) makes sure that the bundle runs.
      - V(stopped) stops and removes all its instances, also when the bundle in hand is stale. They are not kept,
        because each start makes new ones.
      - V(absent) does the same as V(stopped).
    type: str
    choices: [started, stopped, absent]
    default: started
  instances:
    description:
      - How many instances are to run.
      - It must lie within the bundle's C(minInstances) (but at least 1) and C(maxInstances).
      - Without it and O(scale_by), as many as run now, within the bundle's limits.
    type: int
  scale_by:
    description:
      - How many instances more than the up-to-date ones are to run, within the bundle's limits. A negative number stops
        some, and is counted once, from what runs when the task begins; V(0) is the same as leaving it out.
      - With a positive number there are never fewer than before. So V(1) replaces three outdated instances by three,
        and makes four of three that are up to date.
      - O(instances) has precedence.
    type: int
  update_order:
    description:
      - Whether a replacement starts the new instance first or stops the old one first.
      - Without it, V(start-first) while there is room below C(maxInstances), else V(stop-first). With a fixed host port
        in O(published_ports) two instances cannot stand side by side, so V(stop-first) is taken, too.
      - With V(start-first), a new instance that does not become ready is removed, and the old one still runs. With
        V(stop-first) the old one is brought back then, with its own JAR, so that it downloads nothing; the message says
        so, or why it could not be brought back. Until the new one is ready, a container that is not running and whose
        name ends in C(.standby) keeps the volumes of the old one.
    type: str
    choices: [start-first, stop-first]
  recreate:
    description:
      - Whether to replace every instance that runs when the task begins, once, up to date or not. As with any other
        replacement, one after the other and in the order of O(update_order).
      - For what no option shows, such as a file in a volume that is only read at the start.
    type: bool
    default: false
  download_ca_path:
    description:
      - With O(artifact=copy) and O(artifact=image), the file with the certificates of those who may sign the
        certificate of the server that the JAR comes from. It is on the host that the module runs on.
      - Without it, the file that E(REQUESTS_CA_BUNDLE) or E(CURL_CA_BUNDLE) names, else those whom that host trusts.
    type: path
  download_validate_certs:
    description:
      - With O(artifact=copy) and O(artifact=image), whether to check the certificate of the server that the JAR comes
        from.
    type: bool
    default: true
  use_proxy:
    description:
      - With O(artifact=copy) and O(artifact=image), whether the variables C(http_proxy), C(https_proxy) and C(no_proxy)
        of the host that the module runs on count for the download.
    type: bool
    default: true
  pull:
    description:
      - Whether to pull the image from its registry. V(missing) does so where the engine has none of that name,
        V(always) at each run with O(state=started), and V(never) not at all.
    type: str
    choices: [missing, never, always]
    default: missing
  wait:
    description:
      - Whether to wait until new instances are ready. Without it, a started instance is taken for ready.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long a new instance may take to report itself ready, in seconds.
    type: int
    default: 60
  wait_added:
    description:
      - How long to watch a new instance that replaces none, in seconds. One that ends in that time fails the task. One
        that has not reported itself ready by then is left to start, and the message says that it is starting.
      - Without it, O(wait_timeout) counts, and one that has not reported itself ready by then fails the task.
      - A replacement is always given the whole O(wait_timeout).
      - C(evento-deploy) sets it to V(3), because Evento Server holds a database connection for as long as a call lasts.
        Why an instance died after that time shows O(log_driver=journald), or O(auto_remove=false).
    type: int
  ready_when:
    description:
      - V(reported) means that the health check says healthy, where the image or O(healthcheck) defines one. Else, that
        a line of the log has matched O(ready_log).
      - V(running) means that the instance has been running for O(ready_after) seconds.
    type: str
    choices: [reported, running]
    default: reported
  ready_log:
    description:
      - A regular expression. It is searched for in each line of the log.
    type: str
    default: Application Started!
  ready_after:
    description:
      - With O(ready_when=running), how long a new instance must have been running, in seconds.
    type: int
    default: 5
"""

EXAMPLES = r"""
- name: Make sure that a bundle runs, with at least its minInstances
  evento.docker.evento_bundle:
    bundle: "{{ lookup('ansible.builtin.file', 'orders.json') | string }}"
    token: "{{ evento_token }}"
    server_url: http://evento.example.com:3000

- name: Start one instance more, as Evento Server asks for it
  evento.docker.evento_bundle:
    bundle: "{{ lookup('ansible.builtin.file', 'orders.json') | string }}"
    token: "{{ evento_token }}"
    scale_by: 1

- name: Run exactly three, with limits
  evento.docker.evento_bundle:
    bundle:
      id: orders
      version: 3
      artifactCoordinates: /server_upload/orders-1732320000123.jar
      environment:
        SPRING_PROFILES_ACTIVE: prod
      vmOptions:
        -Xmx: 512m
      maxInstances: 4
    token: "{{ evento_token }}"
    instances: 3
    memory: 768M
    cpus: 1.5
    read_only: true
    cap_drop: [ALL]

- name: Run a bundle of an artifact store, that can be restarted at any time
  evento.docker.evento_bundle:
    bundle: "{{ lookup('ansible.builtin.file', 'orders.json') | string }}"
    artifact: copy
    artifact_url: https://repo.example.com/releases/com/example/orders/3.0/orders-3.0.jar
    restart_policy: on-failure

- name: Run a bundle on a swarm, in images that can be started anywhere and at any time
  evento.docker.evento_bundle:
    backend: swarm
    bundle: "{{ lookup('ansible.builtin.file', 'orders.json') | string }}"
    token: "{{ evento_token }}"
    server_url: http://evento.example.com:3000
    image: registry.example.com/evento/evento-bundle-container
    artifact: image
    repository: registry.example.com/evento/bundles

- name: Make the host run these bundles, and no others
  evento.docker.evento_bundle:
    bundles:
      - "{{ lookup('ansible.builtin.file', 'orders.json') | string }}"
      - "{{ lookup('ansible.builtin.file', 'payments.json') | string }}"
      - bundle: "{{ lookup('ansible.builtin.file', 'reports.json') | string }}"
        instances: 1
        memory: 2G
    token: "{{ evento_token }}"
    memory: 768M
    project: shop
    prune: true

- name: Stop and remove all instances
  evento.docker.evento_bundle:
    bundle:
      id: orders
    state: absent
"""

RETURN = r"""
bundles:
  description:
    - What happened to each of O(bundles), in their order; then the bundles whose instances O(prune) stopped.
    - The other return values are the sums.
  returned: with O(bundles), unless the task is refused before anything is looked at
  type: list
  elements: dict
  contains:
    bundle:
      description: C(id) of the bundle.
      type: str
      sample: orders
    pruned:
      description: Whether it is none of O(bundles).
      type: bool
      sample: false
    failed:
      description: Whether something went wrong with this bundle.
      type: bool
      sample: false
    changed:
      description: Whether something was done; in check mode, whether it would be.
      type: bool
      sample: true
    msg:
      description: What happened, in one sentence.
      type: str
      sample: 'orders v3: 1 -> 2 running, started orders-2'
    stale:
      description: As for the task. Not where this bundle failed.
      type: bool
      sample: false
    instances:
      description: As for the task. Not where this bundle failed.
      type: list
      elements: dict
    actions:
      description: As for the task. Not where this bundle failed before anything was done.
      type: list
      elements: dict
    commands:
      description: As for the task. Not where this bundle failed before anything was done.
      type: list
      elements: str
    failure:
      description: As for the task, where this bundle failed.
      type: str
    failures:
      description: As for the task, where this bundle failed because of them.
      type: list
      elements: dict
stale:
  description:
    - Whether a newer publish of the bundle runs already, so that nothing was changed. With O(bundles), whether that is
      so for one of them.
  returned: success
  type: bool
  sample: false
instances:
  description: The instances of the bundle as they are now; in check mode, as they would be.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the container.
      type: str
      sample: orders-1
    id:
      description: ID of the container; none in check mode for one that would be started.
      type: str
      sample: 4fa6e0f0c6786287e131c3852c58a2e01cc697a68231826813597e4994f1d6e2
    state:
      description:
        - State of the container, in Docker's words.
        - On a swarm also starting, on its way to running; stopping, told to end; unreachable, told to end on a node
          that nobody can reach. The last one is counted nowhere, and may run all the same.
      type: str
      sample: running
    health:
      description: Its health, where it has a health check.
      type: str
      sample: healthy
    node:
      description: Host name of the node of the swarm that it is on; none with containers, or before it has a place.
      type: str
      sample: worker1
    exit_code:
      description: Its exit code, where it has ended.
      type: int
      sample: 143
    version:
      description: Version of the bundle that it runs; a number, or text where the bundle names another version.
      type: raw
      sample: 3
    slot:
      description: Its number.
      type: int
      sample: 1
    created_at:
      description: When the container was created, in UTC.
      type: str
      sample: '2026-11-23T08:15:30Z'
    up_to_date:
      description: Whether it is as the bundle and the options say.
      type: bool
      sample: true
actions:
  description: What was done, in order; in check mode, what would be done.
  returned: unless the task is refused before anything is looked at
  type: list
  elements: dict
  contains:
    what:
      description: One of start, stop, remove.
      type: str
      sample: start
    which:
      description: Name of the container.
      type: str
      sample: orders-2
    why:
      description: The cause.
      type: str
      sample: 2 wanted, 1 up to date
commands:
  description:
    - The docker commands that do the same as the actions, quoted for a shell.
    - In place of the token, of the values of the environment and of vmOptions, and of user, password and query of
      O(artifact_url), stands C(********).
  returned: unless the task is refused before anything is looked at
  type: list
  elements: str
  sample: [docker stop -t 30 orders-1]
msg:
  description: What happened, in one sentence; where bundles failed, what went wrong with each.
  returned: always
  type: str
  sample: 'orders v3: 1 -> 2 running, started orders-2'
failure:
  description:
    - Class of the failure, one of invalid_input, token_expired, not_ready, engine_unreachable, other.
    - Where several bundles failed, the one of theirs that stands last in this list.
  returned: failure
  type: str
  sample: not_ready
failures:
  description: The instances that did not become ready, or did not stay so.
  returned: failure, where an instance did not become or stay ready
  type: list
  elements: dict
  contains:
    name:
      description: Name of the container.
      type: str
      sample: orders-2
    node:
      description: Host name of the node of the swarm that it was on.
      type: str
      sample: worker1
    exit_code:
      description: Its exit code; none where it still runs.
      type: int
      sample: 77
    reason:
      description: What happened.
      type: str
      sample: >-
        exited with code 77 (the server of the JAR answered 401: the token is expired or not valid) before it was ready
    logs:
      description: The last 40 lines of its log, without secrets.
      type: list
      elements: str
"""

from ansible_collections.evento.docker.plugins.module_utils._container.options import CONTAINER_ARGS
from ansible_collections.evento.docker.plugins.module_utils._engine.client_args import CLIENT_ARGS
from ansible_collections.evento.docker.plugins.module_utils._run.many import run_many
from ansible_collections.evento.docker.plugins.module_utils._run.module import EventoModule, finish
from ansible_collections.evento.docker.plugins.module_utils._run.options import BUNDLE_ARGS, ENTRY_ARGS
from ansible_collections.evento.docker.plugins.module_utils._run.run import run


def main() -> None:
    module = EventoModule(
        argument_spec={**CLIENT_ARGS, **BUNDLE_ARGS, **CONTAINER_ARGS},
        mutually_exclusive=[("bundle", "bundles"), ("networks", "network_mode")],
        required_one_of=[("bundle", "bundles")],
        required_together=[("username", "password")],
        required_if=[("prune", True, ["bundles"])],
        supports_check_mode=True,
    )
    if module.params["bundles"] is None:
        finish(module, lambda: run(module.params, module.check_mode, module.log))
    else:
        finish(module, lambda: run_many(module.params, ENTRY_ARGS, module.check_mode, module.log))


if __name__ == "__main__":
    main()
