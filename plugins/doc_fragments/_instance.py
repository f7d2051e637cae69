# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # Pair of INSTANCE_ARGS in plugins/module_utils/_run/options.py; bundles and backend are each module's own.
    DOCUMENTATION = r"""
options:
  managers:
    description:
      - Addresses of further managers of the swarm, as O(docker_host). They are tried in this order where that one does
        not answer, is no manager, or knows no leader of the swarm.
      - Only with O(backend=swarm).
    type: list
    elements: str
  constraints:
    description:
      - Which nodes of the swarm may run an instance, each as V(node.labels.zone==a) or V(node.role!=manager). All have
        to hold.
      - Only with O(backend=swarm).
    type: list
    elements: str
  reschedule:
    description:
      - Whether the swarm starts an instance again that has failed, and on another node where its node is lost.
      - An instance that has ended with exit code 0 is not started again, because Evento Server told it to end.
      - Only with O(backend=swarm).
    type: bool
    default: true
  artifact:
    description:
      - How the artifact (the JAR) gets into an instance.
      - With V(url) the container downloads it by itself. The address, with the token, is in its configuration, where
        everybody who may run C(docker inspect) can read it.
      - With V(copy) the module downloads it once for all instances that it starts, on the host that it runs on, checks
        that it is a JAR, and copies it into each container before its start. No token and no address is in the
        configuration, and an instance can be restarted at any time. The image must have a volume at
        C(/opt/evento/artifact), as the one of the role P(evento.docker.evento_bundle#role) has.
      - With V(image) the module downloads it in the same way, makes an image of O(image) and the JAR in O(repository),
        and runs that by its digest. No token and no address is in image or configuration, and whoever can pull the
        image can run it, at any time. The image's tag tells bundle, version, artifact and O(image). What is there under
        that tag is neither downloaded nor pushed again, so that no token is needed for it. O(image) must say in the
        label C(evento.jar) where it looks for such a JAR, as the one of the role does.
      - 'V(image) needs the Python package python-dxf, 12.1 or later, and that the host the module runs on reaches the
        registry. It trusts the authority in C(/etc/docker/certs.d/REGISTRY/ca.crt) and those that this host trusts. A
        registry that the engine uses without TLS (C(insecure-registries)) is spoken to in the same way, without a
        login.'
      - The JAR needs room in the directory for temporary files (E(TMPDIR)) for as long as the module runs.
      - A bundle whose environment, or O(env), sets E(APP_JAR_URL) downloads from there, with a warning.
    type: str
    choices: [url, copy, image]
    default: url
  repository:
    description:
      - With O(artifact=image), where the images are pushed to, as V(registry.example.com:5000/evento/bundles). Without
        a tag.
      - One can serve any number of bundles, but not those of two Evento Servers, which may call theirs the same.
      - Nothing is ever removed from it. An image is not needed any more once no instance runs it.
    type: str
  username:
    description:
      - User for the registry of O(repository), wherever that registry is asked, for O(image), too.
      - Without it, the login is that of the Docker configuration of who runs the module (C(docker login)).
      - The container's user is O(user).
    type: str
  password:
    description:
      - Password for O(username).
    type: str
  artifact_url:
    description:
      - Where the artifact is, instead of on Evento Server. For example in a Maven repository.
      - An http or https address or, with O(artifact=copy) and O(artifact=image), a file on the host that the module
        runs on, as V(file:///srv/orders.jar). With O(artifact=image), without a query (C(?)).
      - No token is needed or sent. A user and a password can stand in the address.
      - Another address makes the instances outdated. So let it end in the artifact's version, and beware of addresses
        whose signature changes.
      - User, password and query (C(?)) are not shown in any output.
    type: str
  server_url:
    description:
      - Address of Evento Server, as the container sees it; with O(artifact=copy) and O(artifact=image), as the host
        sees it that the module runs on.
      - The default is V(http://host.docker.internal:3000), which is the Docker host, and V(http://localhost:3000) with
        O(artifact=copy) and O(artifact=image).
    type: str
  image:
    description:
      - Name of the image.
      - It gets the address of the artifact in E(APP_JAR_URL), with O(artifact=url), and the bundle's vmOptions in
        E(VM_ARGS).
    type: str
    default: evento-bundle-container
  env:
    description:
      - Environment variables in addition to those of the bundle. A variable of the bundle with the same name is
        overridden.
    type: dict
  networks:
    description:
      - Networks to connect the container to. They must exist.
      - Excludes O(network_mode).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the network.
        type: str
        required: true
      aliases:
        description: Names under which the container is found in this network.
        type: list
        elements: str
  network_mode:
    description:
      - The container's network mode, such as V(host) or V(none).
    type: str
  published_ports:
    description:
      - Ports to publish, each as C([address:][host port:]container port[/protocol]).
      - Several instances need no host port, or a range of them (V(8000-8063:8080)).
    type: list
    elements: str
    aliases: [ports]
  volumes:
    description:
      - Volumes and directories to mount, each as C(source:target[:mode]), or C(target) for an anonymous volume, which
        is removed together with its instance.
    type: list
    elements: str
  tmpfs:
    description:
      - File systems in memory to mount, each as C(target[:options]), as V(/run:size=64m,mode=1777).
    type: list
    elements: str
  hostname:
    description:
      - The container's host name. Without it, the start of its ID.
    type: str
  dns_servers:
    description:
      - IP addresses of the name servers that the container asks, in this order.
    type: list
    elements: str
  dns_search_domains:
    description:
      - Domains in which the container looks for a short host name, in this order.
    type: list
    elements: str
  memory:
    description:
      - Memory limit, as V(512M). Units are powers of 1024; a number without one is bytes.
    type: str
  memory_reservation:
    description:
      - What the engine tries to hold an instance's memory to while the host is short of it, as V(256M). At most
        O(memory).
    type: str
  memory_swap:
    description:
      - Limit for memory and swap space together, as V(1G), or V(unlimited) or V(-1) for as much swap space as there is.
      - Needs O(memory), and is at least as much.
    type: str
  cpus:
    description:
      - How many CPUs an instance may use at the most, as V(1.5).
    type: float
  cpu_shares:
    description:
      - The weight of an instance where CPUs are short, from V(2) to V(262144). Without it, or with V(0), it is 1024.
    type: int
  cpuset_cpus:
    description:
      - The CPUs that an instance may use, as V(0-2,5).
    type: str
  pids_limit:
    description:
      - How many processes and threads an instance may have at the most, V(-1) for any number.
    type: int
  ulimits:
    description:
      - Limits for each process, as C(name:soft[:hard]), as V(nofile:4096:8192). V(-1) is no limit.
    type: list
    elements: str
  user:
    description:
      - User (and group) that the container runs as. Without it, that of the image.
    type: str
  groups:
    description:
      - Names or IDs of further groups that the container's user is in.
    type: list
    elements: str
  init:
    description:
      - Whether a small init runs as the container's first process, hands signals on and ends orphaned processes.
      - Without it, the engine's default.
    type: bool
  read_only:
    description:
      - Whether to mount the container's root file system read-only.
    type: bool
    default: false
  capabilities:
    description:
      - Capabilities to add.
    type: list
    elements: str
  cap_drop:
    description:
      - Capabilities to drop.
    type: list
    elements: str
  security_opts:
    description:
      - Security options, as V(no-new-privileges).
    type: list
    elements: str
  log_driver:
    description:
      - Log driver. Without it, the engine's default.
    type: str
  log_options:
    description:
      - Options for the log driver.
    type: dict
  labels:
    description:
      - Labels in addition to the collection's own, whose names start with C(evento.).
    type: dict
  etc_hosts:
    description:
      - Names to add to the container's C(/etc/hosts), with their addresses.
      - C(host.docker.internal) is added as the Docker host's address unless it is named here.
    type: dict
  healthcheck:
    description:
      - Health check, instead of the one of the image.
    type: dict
    suboptions:
      test:
        description:
          - The command, run by a shell. Or a list that starts with C(CMD) or C(CMD-SHELL).
          - V(NONE) switches the image's health check off.
        type: raw
        required: true
      interval:
        description: Time between checks, as V(10s).
        type: str
      timeout:
        description: How long a check may take, as V(5s).
        type: str
      start_period:
        description: Time in which failing checks do not count, as V(1m30s).
        type: str
      retries:
        description: Number of failing checks in a row that make the instance unhealthy.
        type: int
  restart_policy:
    description:
      - Whether the engine starts an instance again that has ended.
      - With V(no) an instance removes itself when it ends. With any other value it stays until the next run.
      - Any other value than V(no) needs O(artifact=copy) or O(artifact=image), so that a restart does not depend on a
        token.
      - V(on-failure) is the useful one. V(always) and V(unless-stopped) also restart an instance that Evento Server has
        told to end, and warn of that.
    type: str
    choices: ['no', on-failure, always, unless-stopped]
    default: 'no'
  auto_remove:
    description:
      - Whether an instance removes itself when it ends, as in the call that Evento's documentation shows. One that
        Evento Server has told to end is of no use any more.
      - With V(false) it stays, with its exit code and its log, until the next run for the bundle removes it and says
        how it ended. With any O(restart_policy) but V(no) that is so in any case.
    type: bool
    default: true
  stop_signal:
    description:
      - The signal that tells an instance to end, as V(SIGINT). Without it, that of the image, else SIGTERM.
    type: str
  stop_timeout:
    description:
      - How long an instance may take to end after O(stop_signal) before it gets SIGKILL, in seconds. More than the
        engine's own 10, so that it can finish what it has begun.
    type: int
    default: 30
"""
