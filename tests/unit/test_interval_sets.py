"""Sets of places: overlaps are found whatever the order and overlaps of what was added."""

import numpy as np
import pytest
from source_files import open_source, write

from deeprules.errors import InputError
from deeprules.ingest.genomes import Genome
from deeprules.ingest.interval_sets import IntervalSet, free_stretches, read_places


def made(*places):
    found = IntervalSet()
    for start, end in places:
        found.add("chr1", start, end)
    return found


def test_overlapping_places_are_joined_and_all_that_share_a_base_are_found():
    found = made((20, 30), (0, 5), (22, 25), (28, 40), (40, 41))
    starts, ends = found.joined("chr1")
    assert starts.tolist() == [0, 20] and ends.tolist() == [5, 41]
    rng = np.random.default_rng(1)
    covered = np.zeros(60, dtype=bool)
    covered[0:5] = covered[20:41] = True
    low = rng.integers(0, 50, 300)
    high = low + rng.integers(1, 10, 300)
    expected = [covered[a:b].any() for a, b in zip(low, high, strict=True)]
    assert found.overlap("chr1", low, high).tolist() == expected
    assert not found.overlaps("chr2", 0, 100) and found.overlaps("chr1", 4, 20)


def test_what_is_added_later_counts():
    found = made((0, 5))
    assert not found.overlaps("chr1", 7, 9)
    found.add("chr1", 8, 9)
    assert found.overlaps("chr1", 7, 9)


@pytest.mark.parametrize(
    ("places", "free"),
    [
        ([], [(0, 50)]),
        ([(0, 50)], []),
        ([(-10, 3), (45, 99)], [(3, 45)]),
        ([(10, 20), (30, 40)], [(0, 10), (20, 30), (40, 50)]),
    ],
)
def test_what_is_left_free(places, free):
    starts, ends = free_stretches(*made(*places).joined("chr1"), 50)
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == free


def test_places_of_a_source_are_cut_to_its_genome_and_bad_lines_named(tmp_path):
    (tmp_path / "g").mkdir()
    genome = write(tmp_path / "g" / "genome.fa", ">chr1\nACGTACGTAC\n")
    path = write(tmp_path / "b.bed", "chrom\tstart\tend\n1\t8\t99\nchr1\t2\t3\nchrUn\t0\t5\n")
    source = open_source(path, genome)
    assert list(read_places(source, Genome(source))) == [("chr1", 8, 10), ("chr1", 2, 3)]
    source = open_source(write(tmp_path / "c.bed", "chr1\t2\n"), genome)
    with pytest.raises(InputError, match="line 1 is no interval: 'chr1 2'"):
        list(read_places(source, Genome(source)))
