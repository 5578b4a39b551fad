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
from semcodec.models import Models, ModelSettings
nets = Models(ModelSettings(threads=3)).encoder().nets
image_HWC = numpy.zeros((64, 64, 3), numpy.uint8)
before = nets.encode(image_HWC)
def encode():
    for one, other in zip(before, nets.encode(image_HWC)):
        assert (one == other).all()
print(forked(encode), forked(lambda: None))
"""
    assert ended(script) == "3 3\n"


# Runs doors in a fresh interpreter that notes what is imported while a fork would not wait for it.
WATCHED = """
import semcodec, semcodec.forks
from pathlib import Path
from PIL import Image
photo, folder, found = sys.argv[1], Path(sys.argv[2]), []
class Watch:
    def find_spec(self, name, path=None, target=None):
        if not semcodec.forks.importing.lock._is_owned():
            found.append(name)
sys.meta_path.insert(0, Watch())
small = Image.open(photo).convert("RGB").resize((96, 64))
files = [folder / name for name in ("base", "tokens", "pixels", "words")]
found.clear()
"""
DOORS = {
    "encoding": """
for file in files[:2]:
    file.write_bytes(semcodec.encode(small, bytes=200, picture=file.name, caption="two macaws").data)
files[2].write_bytes(semcodec.encode(small.resize((8, 8)), bytes=100).data)
files[3].write_bytes(semcodec.encode(small, profile="text", caption="two macaws").data)
""",
    "reading": """
for file in files:
    for door in (semcodec.info, semcodec.read_words, semcodec.read_metadata, semcodec.read):
        door(file)
    semcodec.join(semcodec.split(file, mtu=60))
    semcodec.cut(file, strip=True, bytes=60)
semcodec.cut(files[1], bytes=100, roi=(0, 0, 30, 30))
""",
    "painting": """
for file in files:
    semcodec.decode(file)
    semcodec.decode(file, roi=(0, 0, 5, 5))
    list(semcodec.decode_progressive([file.read_bytes()]))
""",
}


def test_no_door_imports_anything_that_a_fork_would_not_wait_for(tmp_path: Path, photo_path: Path):
    told = {name: ended(WATCHED + script + "print(found)", photo_path, tmp_path) for name, script in DOORS.items()}
    assert told == dict.fromkeys(DOORS, "[]\n")
