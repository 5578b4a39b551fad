"""Who is next, and how much may be asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from semcodec.service.gate import Gate, client_named
from semcodec.service.options import ServiceOptions
from semcodec.service.problems import Refusal
from semcodec.service.turns import Turns


def order_of(clients: str) -> str:
    """In which order the works of clients (a letter each, in the order they came) have their turn."""

    async def all_of_them() -> str:
        turns, had = Turns(1), []

        async def work(client: str) -> None:
            await turns.take(client)
            had.append(client)
            await asyncio.sleep(0)
            turns.give_back()

        await asyncio.gather(*map(work, clients))
        assert turns.num_waiting == 0
        return "".join(had)

    return asyncio.run(all_of_them())


def test_clients_take_turns():
    assert order_of("aaaab") == "aabaa"
    assert order_of("aaabbc") == "aabcab"
    assert order_of("abc") == "abc"


def test_who_stops_waiting_takes_no_turn():
    async def one_goes() -> None:
        turns = Turns(1)
        await turns.take("a")
        gone, stays = (asyncio.create_task(turns.take(client)) for client in "bc")
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        turns.give_back()
        await asyncio.wait_for(stays, 1)
        late = asyncio.create_task(turns.take("d"))
        await asyncio.sleep(0)
        turns.give_back()  # d has the turn in the moment in which it goes
        late.cancel()
        with pytest.raises(asyncio.CancelledError):
            await late
        await asyncio.wait_for(turns.take("e"), 1)

    asyncio.run(one_goes())


def test_one_client_and_all_together_have_a_limit(tmp_path: Path):
    gate = Gate(ServiceOptions(folder=tmp_path, max_works=3, max_works_each=2, held_bytes=100))
    first, second = gate.enter("a", 10), gate.enter("a", 10)
    with pytest.raises(Refusal) as refusal:
        gate.enter("a", 10)
    assert (refusal.value.status, refusal.value.headers) == (429, {"Retry-After": "2"})
    with pytest.raises(Refusal) as refusal:
        gate.enter("b", 81)
    assert refusal.value.status == 503
    other = gate.enter("b", 80)
    with pytest.raises(Refusal) as refusal:
        gate.enter("c", 0)
    assert refusal.value.status == 503
    other.drop()
    gate.enter("c", 80).drop()
    first.drop()
    second.drop()
    assert gate.num_works == 0


def test_a_ticket_counts_until_all_who_hold_it_have_dropped_it(tmp_path: Path):
    gate = Gate(ServiceOptions(folder=tmp_path, held_bytes=100))
    ticket = gate.enter("a", 60)
    ticket.share()
    ticket.drop()
    assert gate.num_works == 1
    with pytest.raises(Refusal):
        gate.enter("b", 50)
    ticket.holds(50)
    other = gate.enter("b", 50)
    with pytest.raises(Refusal):
        ticket.holds(51)
    ticket.drop()
    other.drop()
    assert gate.num_works == 0
    gate.enter("c", 100).drop()


def test_whom_an_address_belongs_to():
    assert client_named("10.1.2.3") == client_named("::ffff:10.1.2.3") == "10.1.2.3"
    assert client_named("2001:db8::1") == client_named("2001:db8::ffff:1") != client_named("2001:db8:0:1::1")
    assert client_named("fe80::1%eth0") == "fe80::/64"
    assert client_named("somewhere") == "somewhere"
