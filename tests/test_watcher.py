"""Saves of every kind arrive, complete and in batches, in the one thread that watches."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from hotswap.batch import Batch
from hotswap.folders import Scope
from hotswap.polling import Polling
from hotswap.watcher import Nothing, Watcher, _Watch

LIMIT = 20.0
linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


class Following:
    """A started watcher and the batches it has delivered."""

    def __init__(self, *folders: Path, **options) -> None:
        self.batches: SimpleQueue[frozenset[str]] = SimpleQueue()
        self.watcher = Watcher(self.batches.put, **options)
        self.watcher.follow(map(str, folders))
        self.watcher.start()

    def next(self) -> frozenset[str]:
        """Return the next batch."""
        return self.batches.get(timeout=LIMIT)

    def until(self, *paths: Path) -> set[str]:
        """Everything reported until all these paths were."""
        missing, seen = set(map(str, paths)), set()
        while missing:
            batch = self.next()
            seen |= batch
            missing -= batch
        return seen

    def up_to_now(self, folder: Path) -> set[str]:
        """Everything reported for what has happened so far, found out by one more save."""
        last = folder / "last"
        write(last, "")
        return self.until(last) - {str(last)}


@pytest.fixture
def follow():
    started = []

    def start(*folders, **options):
        started.append(Following(*folders, **options))
        return started[-1]

    yield start
    for following in started:
        following.watcher.stop()


@pytest.fixture
def tree(tmp_path):
    """A followed folder with one module in it, and a place outside it."""
    root = Path(os.path.realpath(tmp_path)) / "tree"
    write(root / "module.py", "old")
    (root.parent / "outside").mkdir()
    return root


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def save_in_place(target: Path, outside: Path) -> None:
    target.write_text("new")


def save_by_rename(target: Path, outside: Path) -> None:
    os.replace(write(target.with_suffix(".tmp"), "new"), target)


def save_by_rename_from_outside(target: Path, outside: Path) -> None:
    os.replace(write(outside / "temporary", "new"), target)


def save_as_vim_does(target: Path, outside: Path) -> None:
    write(target.parent / "4913", "").unlink()
    target.rename(f"{target}~")
    target.write_text("new")
    Path(f"{target}~").unlink()


def save_after_moving_the_old_one_out(target: Path, outside: Path) -> None:
    target.rename(outside / "old")
    target.write_text("new")


def save_as_hard_link(target: Path, outside: Path) -> None:
    target.unlink()
    os.link(write(outside / "other", "new"), target)


def save_as_symbolic_link(target: Path, outside: Path) -> None:
    target.unlink()
    target.symlink_to(write(outside / "other", "new"))


def save_and_set_the_time_back(target: Path, outside: Path) -> None:
    before = target.stat()
    target.write_text("new")
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))


SAVES = [
    save_in_place,
    save_by_rename,
    save_by_rename_from_outside,
    save_as_vim_does,
    save_after_moving_the_old_one_out,
    save_as_hard_link,
    save_as_symbolic_link,
    save_and_set_the_time_back,
]


@pytest.mark.parametrize("save", SAVES)
@pytest.mark.parametrize("poll", [None, 0.01])
def test_every_way_to_save_is_noticed(follow, tree, save, poll):
    """However an editor writes a file, its path is reported, with the new text in it."""
    following = follow(tree, poll=poll)
    save(tree / "module.py", tree.parent / "outside")
    following.until(tree / "module.py")
    assert (tree / "module.py").read_text() == "new"


def test_file_moved_out_of_sight_delays_nothing(follow, tree):
    """What is saved after a file left the followed folders arrives well before half a second."""
    following = follow(tree)
    began = time.monotonic()
    (tree / "module.py").rename(tree.parent / "outside" / "old")
    following.until(write(tree / "other.py", "new"))
    assert time.monotonic() - began < 0.4


@linux
def test_half_written_file_is_not_reported(follow, tree):
    """A file is reported when its writer closes it, not before."""
    following = follow(tree)
    with (tree / "new.py").open("w") as file:
        file.write("half")
        file.flush()
        assert following.up_to_now(tree) == set()
        file.write(" and half")
    assert following.next() == {str(tree / "new.py")}


def test_files_saved_together_are_one_batch(tree):
    """A checkout of 500 files is one batch, if the watcher hears of all of them at once."""
    busy, saved, seen = threading.Event(), threading.Event(), SimpleQueue()

    def on_batch(batch):
        seen.put(batch)
        busy.set()
        assert saved.wait(LIMIT)

    watcher = Watcher(on_batch)
    watcher.follow([str(tree)])
    watcher.start()
    write(tree / "module.py", "new")
    assert busy.wait(LIMIT)
    files = [write(tree / f"module_{number}.py", "new") for number in range(500)]
    saved.set()
    assert seen.get(timeout=LIMIT) == {str(tree / "module.py")}
    assert seen.get(timeout=LIMIT) == set(map(str, files))
    watcher.stop()


class Checkout(Nothing):
    """A source that tells of one file after the other, each just before the wait for it is over."""

    name = "checkout"

    def __init__(self, batch: Batch, files: list[str]) -> None:
        super().__init__()
        self.batch, self.left, self.waits = batch, list(files), []

    def wait(self, timeout: float | None) -> bool:
        """Another file, as long as there are some."""
        self.waits.append(timeout)
        return bool(self.left) or super().wait(timeout)

    def take_in(self) -> None:
        """It is complete."""
        super().take_in()
        if self.left:
            self.batch.written(self.left.pop(0))


def test_the_more_files_the_longer_the_wait_for_another(follow, monkeypatch):
    """A tool that is slow to write the next file gets the time for it."""
    monkeypatch.setattr("hotswap.watcher.LONGEST_GATHERING", LIMIT)
    files = [f"module_{number}.py" for number in range(40)]
    sources = []
    monkeypatch.setattr(
        _Watch,
        "_open_source",
        lambda watch: sources.append(Checkout(watch._batch, files)) or sources[0],
    )
    assert follow().next() == set(files)
    first, *waits = sources[0].waits[: len(files) + 1]
    assert first is None
    assert waits == [min(count * 0.002, 0.05) for count in range(1, len(files) + 1)]


def test_file_born_and_gone_within_a_batch_is_not_reported():
    """An editor's temporary file is nobody's business; one that was there before is."""
    batch = Batch()
    batch.created("temporary")
    batch.written("temporary")
    batch.vanished("temporary")
    batch.vanished("module.py")
    batch.created("module.py")
    batch.vanished("module.py")
    assert batch.take() == {"module.py"}


@pytest.mark.parametrize("poll", [None, 0.01])
def test_deleted_file_is_reported(follow, tree, poll):
    """A file that is gone has changed."""
    following = follow(tree, poll=poll)
    (tree / "module.py").unlink()
    following.until(tree / "module.py")


@pytest.mark.parametrize("poll", [None, 0.01])
def test_moved_file_is_reported_at_both_paths(follow, tree, poll):
    """A moved file has changed where it was and where it is."""
    following = follow(tree, poll=poll)
    (tree / "module.py").rename(tree / "renamed.py")
    following.until(tree / "module.py", tree / "renamed.py")


@pytest.mark.parametrize("poll", [None, 0.01])
def test_new_folder_is_followed_with_what_is_in_it(follow, tree, poll):
    """Files made together with their folder are reported, and edits in it from then on."""
    following = follow(tree, poll=poll)
    inner = write(tree / "new" / "deep" / "module.py", "old")
    following.until(inner)
    following.until(write(inner, "newer"))


@pytest.mark.parametrize("poll", [None, 0.01])
def test_folder_moved_in_is_followed_with_what_is_in_it(follow, tree, poll):
    """All files of a folder that arrives are reported."""
    write(tree.parent / "outside" / "package" / "deep" / "module.py", "old")
    following = follow(tree, poll=poll)
    (tree.parent / "outside" / "package").rename(tree / "package")
    following.until(tree / "package" / "deep" / "module.py")
    following.until(write(tree / "package" / "deep" / "module.py", "newer"))


@pytest.mark.parametrize("poll", [None, 0.01])
def test_folder_moved_away_takes_its_files_along(follow, tree, poll):
    """Each file of a folder that leaves is reported, and later edits of it are not."""
    file = write(tree / "package" / "deep" / "module.py", "old")
    following = follow(tree, poll=poll)
    (tree / "package").rename(tree.parent / "outside" / "package")
    following.until(file)
    write(tree.parent / "outside" / "package" / "deep" / "module.py", "new")
    assert following.up_to_now(tree) == set()


@pytest.mark.parametrize("poll", [None, 0.01])
def test_folder_renamed_is_reported_at_both_paths(follow, tree, poll):
    """After a rename within the tree, edits are reported at the new path."""
    write(tree / "package" / "module.py", "old")
    following = follow(tree, poll=poll)
    (tree / "package").rename(tree / "renamed")
    following.until(tree / "package" / "module.py", tree / "renamed" / "module.py")
    following.until(write(tree / "renamed" / "module.py", "newer"))


@pytest.mark.parametrize("poll", [None, 0.01])
def test_folder_deleted_and_made_again_is_followed(follow, tree, poll):
    """A branch switched to and fro ends in a folder that is followed."""
    write(tree / "package" / "module.py", "old")
    following = follow(tree, poll=poll)
    shutil.rmtree(tree / "package")
    following.until(tree / "package" / "module.py")
    following.until(write(tree / "package" / "module.py", "newer"))


def test_edit_behind_a_linked_folder_is_reported_at_both_paths(follow, tree):
    """A linked folder's file is reported as followed and as it really is."""
    real = write(tree.parent / "outside" / "package" / "module.py", "old")
    (tree / "linked").symlink_to(real.parent)
    following = follow(tree)
    following.until(write(real, "new"), tree / "linked" / "module.py")
    following.until(write(tree / "linked" / "module.py", "newer"), real)


@linux
def test_edit_behind_a_linked_file_is_reported_at_its_path(follow, tree):
    """A module that is a link to a file elsewhere changes when that file does."""
    real = write(tree.parent / "outside" / "real.py", "old")
    (tree / "linked.py").symlink_to(real)
    following = follow(tree)
    write(real, "new")
    following.until(tree / "linked.py")


@linux
def test_link_made_while_watching_is_followed(follow, tree):
    """A link to a folder that appears is followed like a folder."""
    real = write(tree.parent / "outside" / "package" / "module.py", "old")
    following = follow(tree)
    (tree / "linked").symlink_to(real.parent)
    following.until(tree / "linked" / "module.py")
    write(real, "new")
    following.until(tree / "linked" / "module.py")


def test_loop_of_links_is_walked_once(follow, tree):
    """A link back up the tree does not send the watcher round in circles."""
    (tree / "loop").symlink_to(tree)
    following = follow(tree)
    write(tree / "module.py", "new")
    assert following.next() == {str(tree / "module.py")}


@pytest.mark.parametrize("poll", [None, 0.01])
@pytest.mark.parametrize("name", ["__pycache__", ".git", "node_modules", "site-packages", "mine"])
def test_folders_out_of_scope_are_passed_over(follow, tree, name, poll):
    """Caches, hidden, installed and excluded folders are not watched, old or new."""
    write(tree / name / "old.py", "old")
    (tree / "package").mkdir()
    following = follow(tree, poll=poll, exclude=["mine"])
    write(tree / name / "old.py", "new")
    write(tree / "package" / name / "new.py", "new")
    assert following.up_to_now(tree) == set()


def test_virtual_environment_is_passed_over(follow, tree):
    """A folder with pyvenv.cfg is an environment, whatever it is called."""
    write(tree / "env" / "pyvenv.cfg", "")
    following = follow(tree)
    write(tree / "env" / "lib.py", "new")
    assert following.up_to_now(tree) == set()


def test_folder_added_while_watching_is_followed(follow, tree):
    """`follow` works at any time."""
    following = follow(tree)
    other = write(tree.parent / "outside" / "other.py", "old")
    following.watcher.follow([str(other.parent)])
    following.until(write(other, "new"))


def test_callback_is_never_called_twice_at_a_time_and_nothing_is_lost(follow, tree):
    """What is saved while the callback runs comes in the next batch."""
    running, saved, seen = threading.Lock(), threading.Event(), SimpleQueue()

    def on_batch(batch):
        assert running.acquire(blocking=False)
        assert saved.wait(LIMIT)
        seen.put((batch, threading.current_thread()))
        running.release()

    watcher = Watcher(on_batch)
    watcher.follow([str(tree)])
    watcher.start()
    write(tree / "module.py", "new")
    write(tree / "other.py", "new")
    saved.set()
    paths, threads = set(), set()
    while len(paths) < 2:
        batch, thread = seen.get(timeout=LIMIT)
        paths |= batch
        threads.add(thread)
    watcher.stop()
    assert len(threads) == 1


def test_callback_that_raises_is_reported_and_watching_goes_on(tree, monkeypatch):
    """An error in the callback is printed; the next save is delivered."""
    errors, calls = SimpleQueue(), SimpleQueue()
    monkeypatch.setattr(sys, "excepthook", lambda *error: errors.put(error))

    def on_batch(batch):
        calls.put(batch)
        raise SystemExit("no")

    watcher = Watcher(on_batch)
    watcher.follow([str(tree)])
    watcher.start()
    for text in ("new", "newer"):
        write(tree / "module.py", text)
        calls.get(timeout=LIMIT)
        assert errors.get(timeout=LIMIT)[0] is SystemExit
    watcher.stop()


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@linux
@pytest.mark.parametrize("poll", [None, 0.01])
def test_nothing_is_left_behind_after_stop(tree, poll):
    """Start and stop may be repeated at will; no thread and no descriptor stays."""
    Following(tree, poll=poll).watcher.stop()
    threads, descriptors = set(threading.enumerate()), open_descriptors()
    for _ in range(3):
        following = Following(tree, poll=poll)
        following.watcher.start()
        following.until(write(tree / "module.py", "new" * (_ + 1)))
        following.watcher.stop()
        following.watcher.stop()
    assert (set(threading.enumerate()), open_descriptors()) == (threads, descriptors)


def test_watching_begins_again_after_stop(follow, tree):
    """A stopped watcher remembers its folders."""
    following = follow(tree)
    following.watcher.stop()
    following.watcher.start()
    following.until(write(tree / "module.py", "new"))


def test_stop_from_the_callback_does_not_wait_for_itself(tree):
    """The callback may stop the watcher that called it."""
    stopped = SimpleQueue()

    def on_batch(batch):
        watcher.stop()
        stopped.put(threading.current_thread())

    watcher = Watcher(on_batch)
    watcher.follow([str(tree)])
    watcher.start()
    write(tree / "module.py", "new")
    stopped.get(timeout=LIMIT).join(LIMIT)
    assert not any(thread.name == "hotswap-watcher" for thread in threading.enumerate())


def test_idle_watcher_uses_no_cpu_and_has_one_thread(follow, tree):
    """Nothing is polled while events can be had."""
    before = threading.active_count()
    follow(tree)
    began = time.process_time()
    threading.Event().wait(0.2)
    assert threading.active_count() == before + 1
    assert time.process_time() - began < 0.02


@linux
def test_folder_that_comes_back_is_followed_again(follow, tree, monkeypatch, caplog):
    """A followed folder that is deleted is looked for, and followed when it is there again."""
    monkeypatch.setattr("hotswap.watcher.STAND_IN_INTERVAL", 0.01)
    following = follow(tree)
    shutil.rmtree(tree)
    following.until(tree / "module.py")
    following.until(write(tree / "module.py", "new"))
    following.until(write(tree / "module.py", "newer"))
    assert "is gone" in caplog.text


@linux
def test_folder_that_is_back_before_anybody_has_looked_is_followed_again(follow, tree, monkeypatch):
    """As one that is deleted and copied anew: what is in it by then is no less new."""
    monkeypatch.setattr("hotswap.watcher.STAND_IN_INTERVAL", 0.01)
    following = follow(tree)
    with following.watcher._watch._lock:  # none of it is taken in before all has happened
        shutil.rmtree(tree)
        write(tree / "other.py", "new")
    following.until(tree / "module.py", tree / "other.py")
    following.until(write(tree / "other.py", "newer"))


@linux
def test_folder_that_is_moved_away_is_gone(follow, tree, monkeypatch, caplog):
    """A followed folder that is renamed is not taken for what it was."""
    monkeypatch.setattr("hotswap.watcher.STAND_IN_INTERVAL", 0.01)
    following = follow(tree)
    tree.rename(tree.parent / "moved")
    following.until(tree / "module.py")
    assert "is gone" in caplog.text


@linux
def test_folder_beyond_the_watch_limit_is_polled(follow, tree, monkeypatch, caplog):
    """Out of inotify watches, hotswap says so and looks for itself."""
    inotify = pytest.importorskip("hotswap.inotify")

    def no_more(*_args):
        ctypes.set_errno(errno.ENOSPC)
        return -1

    monkeypatch.setattr("hotswap.watcher.STAND_IN_INTERVAL", 0.01)
    monkeypatch.setattr(inotify, "inotify_add_watch", no_more)
    following = follow(tree)
    following.until(write(tree / "module.py", "newer"))
    assert "max_user_watches" in caplog.text


@linux
def test_without_inotify_everything_is_polled(follow, tree, monkeypatch, caplog):
    """Out of inotify instances, hotswap says so and looks for itself."""
    inotify = pytest.importorskip("hotswap.inotify")

    def no_more():
        ctypes.set_errno(errno.EMFILE)
        return -1

    monkeypatch.setattr("hotswap.watcher.STAND_IN_INTERVAL", 0.01)
    monkeypatch.setattr(inotify, "inotify_init", no_more)
    following = follow(tree)
    following.until(write(tree / "module.py", "newer"))
    assert following.watcher.means == "polling"
    assert "cannot watch files" in caplog.text


@linux
def test_lost_events_make_every_file_suspect(tree):
    """When the kernel's queue overflows, all files are reported, those deleted too."""
    module = pytest.importorskip("hotswap.inotify")
    batch = Batch()
    inotify = module.Inotify(Scope(), batch, lambda *_: None)
    inotify.add(str(write(tree / "gone.py", "old").parent))
    (tree / "gone.py").unlink()
    inotify._on_event(-1, module.Kernel.IN_Q_OVERFLOW, "")
    inotify.close()
    assert str(tree / "gone.py") in batch.take()
    assert batch.due() is not None


def test_system_observer_reports_saves(follow, tree, monkeypatch):
    """Where there is no inotify, watchdog's own observer is listened to."""
    monkeypatch.setattr("hotswap.watcher.sys.platform", "other")
    following = follow(tree)
    assert following.watcher.means == "watchdog"
    following.until(write(tree / "module.py", "newer"))
    following.until(write(tree / "new" / "module.py", "new"))
    (tree / "module.py").unlink()
    following.until(tree / "module.py")


def test_file_still_growing_is_held_back(tree):
    """Two looks a pause apart must see the same before a polled file is reported."""
    now, file = [0.0], tree / "module.py"
    batch = Batch(clock=lambda: now[0])
    polling = Polling(Scope(), batch, 0.1, clock=lambda: now[0])
    polling.add(str(tree))
    reported = []
    for text in ("a", "ab", "abc", "abc", "abc"):
        if file.read_text() != text:
            write(file, text)
        polling.look()
        now[0] += 0.2
        batch.settle()
        reported.append(bool(batch.take()))
    assert reported.index(True) >= 2


def test_importing_the_watcher_does_not_import_watchdog():
    """Only a started watcher needs watchdog."""
    script = "import sys, hotswap.watcher; sys.exit('watchdog' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[1])


def test_empty_queue_means_no_batch(follow, tree):
    """Folders out of scope deliver no empty batches either."""
    following = follow(tree)
    write(tree / "__pycache__" / "module.pyc", "new")
    following.up_to_now(tree)
    with pytest.raises(Empty):
        following.batches.get_nowait()
