#!/usr/bin/python
# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: evento_bundle_info
short_description: Show the instances of Evento bundles on Docker
version_added: 1.0.0
description:
  - Lists the instances that M(evento.docker.evento_bundle) runs on a Docker engine, or on a Docker Swarm, of one bundle
    or of all.
  - Where bundles are given, and the options of M(evento.docker.evento_bundle) with which they are run, it tells which
    instances are up to date. So the variables of a deployment do for both modules.
author:
  - The evento.docker maintainers (@EventoFramework)
extends_documentation_fragment:
  - evento.docker._client
  - evento.docker._instance
  - evento.docker._attributes
attributes:
  check_mode:
    support: full
    details:
      - This module changes nothing.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  id:
    description:
      - The bundle's C(id). Without it, those of O(bundle) or O(bundles) are shown; without any of them, all bundles.
    type: str
  bundle:
    description:
      - The bundle as it should run, as for M(evento.docker.evento_bundle).
    type: raw
  bundles:
    description:
      - The bundles as they should run, as for M(evento.docker.evento_bundle). An entry can have options of its own in
        the same way; those that are not about what an instance looks like change nothing here.
    type: list
    elements: raw
  backend:
    description:
      - Whether to look at one engine or, through one of its managers, at a Docker Swarm.
    type: str
    choices: [containers, swarm]
    default: containers
"""

EXAMPLES = r"""
- name: Look at one bundle
  evento.docker.evento_bundle_info:
    id: orders
  register: orders

- name: Fail when fewer than two instances run
  ansible.builtin.assert:
    that: orders.instances | selectattr('state', 'eq', 'running') | length >= 2

- name: Fail when an instance is not as the bundle says
  evento.docker.evento_bundle_info:
    bundle: "{{ lookup('ansible.builtin.file', 'orders.json') | string }}"
    memory: 768M
  register: orders
  failed_when: orders is failed or orders.instances | rejectattr('up_to_date') | length > 0

- name: Look at all bundles of an engine
  evento.docker.evento_bundle_info:
    docker_host: tcp://docker1.example.com:2376
    validate_certs: true
    ca_path: /etc/evento/ca.pem
    client_cert: /etc/evento/cert.pem
    client_key: /etc/evento/key.pem
"""

RETURN = r"""
bundles:
  description: The bundles that were given.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The C(id).
      type: str
      sample: orders
    version:
      description: The version; a number, or text where the bundle names another version.
      type: raw
      sample: 3
    min_instances:
      description: How many instances run at least.
      type: int
      sample: 1
    max_instances:
      description: How many instances run at most.
      type: int
      sample: 4
instances:
  description: The instances, ordered by bundle and number.
  returned: success
  type: list
  elements: dict
  contains:
    bundle:
      description: The C(id) of the bundle.
      type: str
      sample: orders
    name:
      description: Name of the container.
      type: str
      sample: orders-1
    id:
      description: ID of the container.
      type: str
      sample: 4fa6e0f0c6786287e131c3852c58a2e01cc697a68231826813597e4994f1d6e2
    state:
      description: State of the container, in Docker's words; on a swarm also starting, stopping and unreachable.
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
      description: Its exit code, where it has ended and was kept.
      type: int
      sample: 137
    version:
      description: Version of the bundle that it runs; a number, or text where the bundle names another version.
      type: raw
      sample: 3
    up_to_date:
      description:
        - Whether it runs, is not unhealthy, and is as M(evento.docker.evento_bundle) would start it now.
        - None where its bundle was not given, or with a C(state) by which it is not to run, or where the image is not
          there to compare with.
      type: bool
      sample: true
    updated_at:
      description: When the bundle that it runs was published, in UTC.
      type: str
      sample: '2026-11-23T08:15:29.123456789Z'
    slot:
      description: Its number.
      type: int
      sample: 1
    created_at:
      description: When the container was created, in UTC.
      type: str
      sample: '2026-11-23T08:15:30Z'
    published_ports:
      description: Its ports that are published on its host.
      type: list
      elements: dict
      contains:
        host_ip:
          description: The address of the host on which it is published; V(0.0.0.0) or V(::) for all.
          type: str
          sample: 0.0.0.0
        host_port:
          description: The port of the host.
          type: int
          sample: 8000
        container_port:
          description: The port of the container.
          type: int
          sample: 8080
        protocol:
          description: One of V(tcp), V(udp) and V(sctp).
          type: str
          sample: tcp
    addresses:
      description: Its address in each of its networks, by the network's name.
      type: dict
      sample: {bridge: 172.17.0.3}
failure:
  description: Class of the failure, one of engine_unreachable, invalid_input, other.
  returned: failure
  type: str
  sample: engine_unreachable
"""

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._engine.client_args import CLIENT_ARGS
from ansible_collections.evento.docker.plugins.module_utils._run.look import look
from ansible_collections.evento.docker.plugins.module_utils._run.module import EventoModule, finish
from ansible_collections.evento.docker.plugins.module_utils._run.options import INSTANCE_ARGS

INFO_ARGS: dict[str, dict[str, t.Any]] = {"id": {"type": "str"}, **INSTANCE_ARGS}


def main() -> None:
    module = EventoModule(
        argument_spec={**CLIENT_ARGS, **INFO_ARGS},
        mutually_exclusive=[("bundle", "bundles"), ("networks", "network_mode")],
        required_together=[("username", "password")],
        supports_check_mode=True,
    )
    finish(module, lambda: look(module.params))


if __name__ == "__main__":
    main()
