"""What must hold in a process that forks while other threads are at work here.

A child has the thread that forked and no other. What the others held stays held in it for ever: locks, the import of a
module, the threads of a network runtime. So

1. modules that are imported late are imported under a lock which a fork waits for (`import_together`, `importing`);
2. our own locks are new in the child (`Lock`);
3. what leans on threads is told (`tell_after_fork`), and made anew when it is next used.
"""

from __future__ import annotations

import _thread
import importlib
import os
import weakref

TYPE_CHECKING = False  # type checkers take it as true; importing typing would cost `info` 3 ms
if TYPE_CHECKING:
    from typing import Protocol

    class Forked(Protocol):
        """`after_fork` is called in the child, where only the thread that forked is left."""

        def after_fork(self) -> None: ...


# A fork gives up waiting then: whoever forks while a module of his own is being imported must not wait for one that
# waits for him.
MAX_WAIT_SECONDS = 10

_imported: set[str] = set()
_to_be_told: weakref.WeakSet[Forked] = weakref.WeakSet()
_forking: dict[int, bool] = {}  # thread that is about to fork -> whether it holds `importing`
_is_watched = False


def import_together(*modules: str) -> None:
    """Imports what a door is going to need, so that no other thread can fork in the middle of it."""
    if _imported.issuperset(modules):
        return
    with importing:
        for module in modules:
            importlib.import_module(module)
        _imported.update(modules)


def tell_after_fork(thing: Forked) -> None:
    """Has `thing.after_fork()` called in every child that is forked while `thing` is alive."""
    _watch()
    _to_be_told.add(thing)


class Lock:
    """A `threading.Lock`, to be used with `with`, that is free in a child."""

    def __init__(self) -> None:
        self.after_fork()
        tell_after_fork(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def after_fork(self) -> None:
        self._lock = _thread.allocate_lock()


class _Importing:
    """Held (`with importing:`) by the thread that imports something late, and by one that forks."""

    def __init__(self) -> None:
        self.lock = _thread.RLock()

    def __enter__(self) -> None:
        if _thread._count():  # (alone, nobody else can fork; and `logging` would cost `info` 15 ms)
            _watch()
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


importing = _Importing()


def _before() -> None:
    _forking[_thread.get_ident()] = importing.lock.acquire(timeout=MAX_WAIT_SECONDS)


def _after_in_parent() -> None:
    if _forking.pop(_thread.get_ident(), False):
        importing.lock.release()


def _after_in_child() -> None:
    if _forking.get(_thread.get_ident(), False):
        importing.lock.release()
    else:
        importing.lock = _thread.RLock()
    _forking.clear()
    for thing in list(_to_be_told):
        thing.after_fork()


def _watch() -> None:
    """Has forks told from now on. What was registered last is asked first: so `logging`, whose lock imports take, comes
    before us and is held after us.
    """
    global _is_watched
    if _is_watched or not hasattr(os, "register_at_fork"):  # (Windows has no fork)
        return
    importlib.import_module("logging")

    if not _is_watched:
        _is_watched = True
        os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
