# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of evento_bundle for many bundles: one look at the engine, a plan for each, each carried out for itself."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._apply.backend import Backend
from ansible_collections.evento.docker.plugins.module_utils._apply.starts import Starts
from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError, unforeseen
from ansible_collections.evento.docker.plugins.module_utils._engine.client import connect
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._run.arguments import Spec
from ansible_collections.evento.docker.plugins.module_utils._run.backends import make_backend
from ansible_collections.evento.docker.plugins.module_utils._run.entries import take_orders
from ansible_collections.evento.docker.plugins.module_utils._run.images import Images
from ansible_collections.evento.docker.plugins.module_utils._run.order import Order, order_to_prune
from ansible_collections.evento.docker.plugins.module_utils._run.run import BundleRun, Connect, Log
from ansible_collections.evento.docker.plugins.module_utils._run.total import Outcome, Result, total


def run_many(
    params: dict[str, t.Any], entry_args: Spec, check_mode: bool, log: Log, connect: Connect = connect
) -> Result:
    """Do what the options ask for, for each bundle whatever becomes of the others.

    :param params: the module's options, with bundles.
    :param entry_args: the argument_spec of what an entry of bundles can have of its own.
    :param log: writes a line to the system log.
    :param connect: makes the SDK's client for the engine that the options name.
    :returns: the sums, and in bundles the result of each bundle.
    :raises EventoError: a bundle failed, with all of that in its result; or the options are refused.
    """
    # Nothing is asked of the engine before all options are usable.
    orders = take_orders(params, entry_args)
    _check_prune(params)
    engine = make_backend(params, connect)
    images = Images(engine, check_mode)
    there = _Look(engine.observe())
    if params["prune"]:
        orders += _orders_to_prune(params, orders, there)
    turns = []
    for order in orders:
        view = engine.view(order.clean, order.project_to_prune)
        turns.append(_Turn(BundleRun(order, view, images, check_mode, log)))
    for turn in turns:
        turn.begin(there.of(turn.run.order))
    _finish(engine, [turn for turn in turns if turn.result is None])
    outcomes = [Outcome(turn.run.order, turn.run.before, turn.run.after, t.cast(Result, turn.result)) for turn in turns]
    return total(outcomes, check_mode)


class _Look:
    """What a look at the engine showed, by bundle."""

    def __init__(self, observed: t.Iterable[Instance]) -> None:
        self._instances: dict[str, list[Instance]] = {}
        for one in observed:
            self._instances.setdefault(one.bundle_id, []).append(one)

    def of(self, order: Order) -> list[Instance]:
        """The instances that an order is about."""
        found = self._instances.get(order.bundle.id, [])
        return [one for one in found if order.project_to_prune in (None, one.project)]

    def bundles_of(self, project: str) -> set[str]:
        """The ids of the bundles of which a project has instances."""
        return {
            bundle_id
            for bundle_id, instances in self._instances.items()
            if bundle_id and any(one.project == project for one in instances)
        }


class _Turn:
    """A bundle and, once there is one, the result of its run; one bundle's fault is no other's."""

    def __init__(self, run: BundleRun) -> None:
        self.run = run
        self.result: Result | None = None

    def begin(self, observed: list[Instance]) -> None:
        """Plan; there is no result yet where there is something to do."""

        def begin() -> Result | None:
            self.run.plan(observed)
            return self.run.carry_out() if self.run.is_done else None

        self._attempt(begin)

    def finish(self, starts: Starts) -> None:
        """Carry out what is planned."""

        def finish() -> Result:
            with starts.turn():
                # Those before may have taken long.
                self.run.plan()
                return self.run.carry_out(starts)

        self._attempt(finish)

    def _attempt(self, do: t.Callable[[], Result | None]) -> None:
        try:
            self.result = do()
            return
        except EventoError as exc:
            error = exc
        except Exception as exc:
            error = unforeseen(exc)
        self.result = {"failed": True, "msg": str(error), **error.result}


def _finish(engine: Backend, turns: t.Sequence[_Turn]) -> None:
    """Carry out what is planned, side by side, as wide as the engine has CPUs."""
    if not turns:
        return
    # Imported here, because most runs have nothing to do.
    from concurrent.futures import ThreadPoolExecutor

    starts = Starts(engine.cpus())
    with ThreadPoolExecutor(max_workers=engine.cpus()) as pool:
        list(pool.map(lambda turn: turn.finish(starts), turns))


def _check_prune(params: dict[str, t.Any]) -> None:
    if params["prune"] and not params["bundles"] and not params["prune_all"]:
        raise EventoError(
            f"bundles is empty, so that prune would stop all instances of project {params['project']}:"
            " set prune_all if that is meant.",
            INVALID_INPUT,
        )


def _orders_to_prune(params: dict[str, t.Any], orders: t.Iterable[Order], there: _Look) -> list[Order]:
    """To stop what the project has of bundles that are not wanted any more."""
    left = there.bundles_of(params["project"]) - {order.bundle.id for order in orders}
    return [order_to_prune(params, bundle_id) for bundle_id in sorted(left)]
