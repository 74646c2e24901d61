import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nnbook.errors import RecordError
from nnbook.experiments import disk
from nnbook.experiments.store import Store
from tests.experiments.outcomes import SPEC, quick


def test_an_unwritable_folder_is_named(place: Store, tmp_path: Path) -> None:
    blocked = tmp_path / "results"
    blocked.write_text("a file in the place of the folder", encoding="utf-8")
    place = Store(blocked)
    with pytest.raises(RecordError, match=r"results cannot be written to .*results"):
        place.prepare()
    with pytest.raises(RecordError, match="results cannot be written to"):
        place.put(SPEC, quick(SPEC), True)
    assert place.get(SPEC.key) is None


def test_temporary_files_of_processes_that_ended_are_removed_and_others_are_not(
    place: Store, path: Path
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    mine = disk.temporary(path)
    names = {
        "of one that ended": mine.name.replace(str(os.getpid()), str(ended.pid)),
        "of this one, slow": mine.name,
        "of another machine": ".x.json.00000000-5.tmp",
        "of another machine, long ago": ".y.json.00000000-5.tmp",
    }
    path.parent.mkdir(parents=True)
    for name in names.values():
        path.with_name(name).touch()
    long_ago = path.with_name(names["of another machine, long ago"])
    os.utime(long_ago, (time.time() - 2 * disk.LONGEST_SILENCE,) * 2)
    os.utime(path.with_name(names["of this one, slow"]), (0, 0))
    place.prepare()
    left = {file.name for file in path.parent.iterdir()}
    assert left == {names["of this one, slow"], names["of another machine"]}


def test_a_live_writer_and_preparing_ones_do_not_disturb_each_other(place: Store) -> None:
    specs = [SPEC.model_copy(update={"seed": seed}) for seed in range(300)]

    def write() -> None:
        for spec in specs:
            place.put(spec, quick(spec), True)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not writing.done():
            place.prepare()
        writing.result()
    assert all(place.state(spec.key, {"weights"}) == "recorded" for spec in specs)


def test_other_stores_are_read_and_not_written_to(tmp_path: Path) -> None:
    book = Store(tmp_path / "book")
    book.put(SPEC, quick(SPEC), True)
    own = Store(tmp_path / "own", also=(book,))
    found = own.get(SPEC.key)
    assert found is not None
    assert found.path.is_relative_to(book.root)
    assert own.state(SPEC.key) == "missing"
    copy = own.adopt(found)
    assert copy.path.is_relative_to(own.root)
    assert (copy.content, own.state(SPEC.key, {"weights"})) == (found.content, "recorded")
    copy.path.write_text("{", encoding="utf-8")
    again = own.get(SPEC.key)  # damaged here, whole there
    assert again is not None
    assert again.path == found.path


def test_a_run_made_with_other_settings_takes_the_name_and_no_record_away(place: Store) -> None:
    other = SPEC.model_copy(update={"epochs": 6})
    for spec in (SPEC, other):
        place.put(spec, quick(spec), True)
        place.note("a", {("one", 2): spec.key})
    assert place.index("a") == {("one", 2): other.key}
    assert place.indexed() == {other.key}
    assert place.state(SPEC.key, {"weights"}) == "recorded"  # another file may declare it


def test_the_index_is_text_in_order_and_made_anew_if_it_is_damaged(place: Store) -> None:
    place.note("a", {("two", 0): "k2", ("one", 10): "k1"})
    place.note("a", {("one", 9): "k0"})
    file = place.root / "index" / "a.csv"
    assert file.read_text().splitlines() == [
        "configuration,seed,key",
        "one,9,k0",
        "one,10,k1",
        "two,0,k2",
    ]
    file.write_bytes(b"\xff,\n1,2")
    assert place.index("a") == {}
    place.note("a", {("one", 9): "k0"})
    assert place.index("a") == {("one", 9): "k0"}
