"""A child that is forked while other threads are at work here can do all that its parent can, and can end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

# Runs `work` in a forked child; its exit code, or 9 where it hangs.
FORKED = """
import os, sys, threading, time

def forked(work, seconds=20):
    child = os.fork()
    if child == 0:
        work()
        sys.exit(3)
    for _ in range(seconds * 100):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return 9
"""


def ended(script: str, *arguments: object) -> str:
    """What a fresh interpreter prints that runs the script."""
    command = [sys.executable, "-c", FORKED + script, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_a_fork_waits_for_what_another_thread_imports(tmp_path: Path):
    (tmp_path / "slow.py").write_text("import time; time.sleep(0.3); done = True")
    script = """
from semcodec.forks import import_together
sys.path.insert(0, sys.argv[1])
def use():
    import slow
    assert slow.done
how = import_together if sys.argv[2] == "together" else __import__
threading.Thread(target=how, args=("slow",)).start()
time.sleep(0.1)
print(forked(use, seconds=1))
"""
    assert ended(script, tmp_path, "together") == "3\n"
    assert ended(script, tmp_path, "alone") == "9\n"  # what it is there for


def test_a_lock_that_another_thread_holds_is_free_in_a_child():
    script = """
from semcodec.forks import Lock
lock, held, done = Lock(), threading.Event(), threading.Event()
def hold():
    with lock:
        held.set(), done.wait()
thread = threading.Thread(target=hold)
thread.start(), held.wait()
print(forked(lambda: lock.__enter__()), lock._lock.locked())
done.set()
"""
    assert ended(script) == "3 True\n"


def test_a_child_opens_its_own_networks_and_leaves_those_of_its_parent_alone():
    """Their threads did not come along: to take a session down without them was a segmentation fault, and the runtime
    waited for its own at the end of the process.
    """
    script = """
import numpy, semcodec
from semcodec.nets.tokenizer import TokenizerNets
from semcodec.layers.tokens.family import find_family
from semcodec.zoo.weights import find_weights
nets = TokenizerNets(find_weights(1), find_family(1), threads=3)
image_HWC = numpy.zeros((64, 64, 3), numpy.uint8)
before = nets.encode(image_HWC)
def encode():
    for one, other in zip(before, nets.encode(image_HWC)):
        assert (one == other).all()
print(forked(encode), forked(lambda: None))
"""
    assert ended(script) == "3 3\n"
