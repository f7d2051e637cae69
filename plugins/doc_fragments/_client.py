# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # Pair of CLIENT_ARGS in plugins/module_utils/_engine/client_args.py.
    DOCUMENTATION = r"""
options:
  docker_host:
    description:
      - Address of the Docker engine, a C(unix://), C(tcp://) or C(ssh://) URL.
      - With C(ssh://user@host) the user runs C(docker system dial-stdio) there. The host's key must be in
        C(~/.ssh/known_hosts), and the user needs a key without a passphrase, or an agent; nobody is asked for anything.
      - If not set, the environment variable E(DOCKER_HOST) of the host that the module runs on is used.
    type: str
    default: unix:///var/run/docker.sock
  tls:
    description:
      - Talk TLS to the engine without checking its certificate. Use O(validate_certs) to check it.
      - If not set, the environment variable E(DOCKER_TLS) is used.
    type: bool
    default: false
  validate_certs:
    description:
      - Talk TLS to the engine and check its certificate against O(ca_path).
      - If not set, the environment variable E(DOCKER_TLS_VERIFY) is used.
    type: bool
    default: false
    aliases: [tls_verify]
  tls_hostname:
    description:
      - The name that the engine's certificate must carry, where it is not that of O(docker_host).
      - If not set, the environment variable E(DOCKER_TLS_HOSTNAME) is used.
    type: str
  ca_path:
    description:
      - File with the certificate of the authority that signed the engine's certificate.
      - If not set, C(ca.pem) in the directory that the environment variable E(DOCKER_CERT_PATH) names is used.
    type: path
    aliases: [ca_cert, tls_ca_cert]
  client_cert:
    description:
      - File with the client's TLS certificate.
      - If not set, C(cert.pem) in the directory that the environment variable E(DOCKER_CERT_PATH) names is used.
    type: path
    aliases: [tls_client_cert]
  client_key:
    description:
      - File with the key of O(client_cert).
      - If not set, C(key.pem) in the directory that the environment variable E(DOCKER_CERT_PATH) names is used.
    type: path
    aliases: [tls_client_key]
  use_ssh_client:
    description:
      - Reach an engine at C(ssh://) with the system's C(ssh) command, which heeds all of C(~/.ssh/config), instead of
        with paramiko.
    type: bool
    default: false
  timeout:
    description:
      - How long the engine may take to answer one call, in seconds.
      - While it pulls, builds or loads an image it may be silent for 600 seconds, or for this time where that is more,
        and take 2 hours in all.
      - If not set, the environment variable E(DOCKER_TIMEOUT) is used.
    type: int
    default: 60
  api_version:
    description:
      - Version of the Docker Engine API to speak, V(auto) for that of the engine.
      - If not set, the environment variable E(DOCKER_API_VERSION) is used.
    type: str
    default: auto
    aliases: [docker_api_version]
requirements:
  - Python 3.9 or later
  - docker 7.1 or later (the Docker SDK for Python)
  - requests 2.26 or later and urllib3 1.26.5 or later
  - paramiko 2.9.3 or later, for C(ssh://) in O(docker_host) without O(use_ssh_client)
  - Docker Engine 20.10 or later
"""
