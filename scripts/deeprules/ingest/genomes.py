"""A genome (FASTA, plain or compressed), checked once and then read by position."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from deeprules.compressed_files import is_compressed, open_binary
from deeprules.errors import Problem
from deeprules.gzip_files import is_bgzf
from deeprules.ingest.damage import intact
from deeprules.ingest.sources import BadSource, Source, listing
from deeprules.names import chromosome_key

BLOCK_BYTES = 2**24
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*-"
_SHOWN = 10


class Genome:
    """The genome of a source, indexed in its scratch folder: downloads stay as they are.

    Attributes
    ----------
    sizes : bases of each sequence, by name
    matched : names of a source that the genome writes otherwise (`1`, `chr1`), and its own

    Raises
    ------
    BadSource
        If it is no FASTA, is damaged, names a sequence twice, or cannot be indexed.
    """

    def __init__(self, source: Source):
        if source.genome is None:
            raise source.bad(
                f"source {source.name!r} has no genome",
                "Name a source of format genome in `genome`",
            )
        self._source = source
        import pysam  # not at the top: a released model has no genome, and does without

        self._file = pysam.FastaFile(str(_indexed(source)))
        self.sizes = dict(zip(self._file.references, self._file.lengths, strict=True))
        self.matched: dict[str, str] = {}
        self._by_key: dict[str, list[str]] = {}
        for name in self.sizes:
            self._by_key.setdefault(chromosome_key(name), []).append(name)

    def close(self) -> None:
        """Close its file."""
        self._file.close()

    def find(self, chromosome: str) -> str | None:
        """The genome's own name of a chromosome; None where there is none, or more than one."""
        if chromosome in self.sizes:
            return chromosome
        if chromosome not in self.matched:
            alike = self._by_key.get(chromosome_key(chromosome), [])
            if len(alike) != 1:
                return None
            self.matched[chromosome] = alike[0]
        return self.matched[chromosome]

    def fetch(self, chromosome: str, start: int, end: int) -> str:
        """Letters of an interval, from 0 and half open."""
        return self._file.fetch(chromosome, start, end)

    @property
    def notes(self) -> list[str]:
        """What a user might want to know."""
        if not self.matched:
            return []
        pairs = [f"{name} is {own}" for name, own in self.matched.items()]
        return [
            f"Chromosomes of {self._source.path.name} under the names of "
            f"{self._source.genome.name}: {listing(pairs, _SHOWN)}."
        ]


def _bad(source: Source, row: int | str, problem: str, remedy: str) -> BadSource:
    """An error about the genome, not about the source that uses it."""
    return BadSource(Problem(str(source.genome), str(row), "", problem, remedy))


def _indexed(source: Source) -> Path:
    """The genome under a name of our own, uncompressed unless bgzip made it, with its index."""
    genome = source.scratch / f"{source.settings['genome']}.genome"
    if Path(f"{genome}.fai").exists():  # Another source has it.
        return genome
    found = _Scan(source).letters
    with intact(source, source.genome):
        if is_compressed(source.genome) and not is_bgzf(source.genome):
            with open_binary(source.genome) as packed, open(genome, "wb") as plain:
                shutil.copyfileobj(packed, plain, 2**20)
        else:
            genome.unlink(missing_ok=True)
            genome.symlink_to(source.genome.resolve())
    remedy = "Give a FASTA file in which all lines of a sequence but the last have one length"
    import pysam  # as above

    try:
        pysam.faidx(str(genome))
        with pysam.FastaFile(str(genome)) as file:
            indexed = dict(zip(file.references, file.lengths, strict=True))
    except (pysam.SamtoolsError, OSError, ValueError) as error:
        raise _bad(source, "", "it cannot be indexed", remedy) from error
    if indexed != found:
        differing = [name for name in {**found, **indexed} if found.get(name) != indexed.get(name)]
        Path(f"{genome}.fai").unlink()
        raise _bad(source, "", f"its index is not right for {listing(differing, _SHOWN)}", remedy)
    return genome


class _Scan:
    """Letters of each sequence of a genome, counted block by block; what is no genome is refused.

    An indexer passes over much of that: a name that stands twice, or a hole of zero bytes.
    """

    def __init__(self, source: Source):
        self._source = source
        self._rows: dict[str, int] = {}
        self._row = 0
        self.letters: dict[str, int] = {}
        name = None
        for block in self._blocks():
            first, *records = (b"\n" + block.removesuffix(b"\n")).split(b"\n>")
            self._count(name, first)
            for record in records:
                self._row += 1
                header, _, sequence = record.partition(b"\n")
                name = self._name(header)
                self._count(name, b"\n" + sequence if sequence else b"")
        if name is None:
            raise _bad(source, "", "there is no sequence in it", "Give a FASTA file")

    def _blocks(self) -> Iterator[bytes]:
        """Whole lines, some megabytes at a time."""
        with intact(self._source, self._source.genome), open_binary(self._source.genome) as file:
            while block := file.read(BLOCK_BYTES):
                yield block + file.readline()

    def _name(self, header: bytes) -> str:
        """The first word of a header, which no other has."""
        header = header.rstrip(b"\r")
        if b"\r" in header:
            remedy = "Convert them, such as with `tr '\\r' '\\n'`"
            raise self._bad(self._row, "its lines end in carriage returns alone", remedy)
        name = header.split(None, 1)[0].decode("ascii", "replace") if header.strip() else ""
        if not name.isprintable() or header[:1].isspace() or not name or "\ufffd" in name:
            raise self._bad(self._row, "the header names no sequence", "Give it an ASCII name")
        if name in self._rows:
            raise self._bad(
                self._row,
                f"{name!r} was there before, in row {self._rows[name]:,}",
                "Keep one sequence of each name: which of them an interval means is not known",
            )
        self._rows[name] = self._row
        self.letters[name] = 0
        return name

    def _count(self, name: str | None, lines: bytes) -> None:
        """Count the letters of some lines, each after its line break."""
        letters = lines.translate(None, b"\r\n")
        if letters.translate(None, _LETTERS) or (letters and name is None):
            for row, line in enumerate(lines.split(b"\n")[1:], start=self._row + 1):
                wrong = line.rstrip(b"\r").translate(None, _LETTERS)
                if wrong or (line.strip() and name is None):
                    self._refuse(row, wrong)
        if name is not None:
            self.letters[name] += len(letters)
        self._row += lines.count(b"\n")

    def _refuse(self, row: int, wrong: bytes) -> None:
        if b"\0" in wrong:
            found, remedy = "zero bytes: the file is damaged", "Download it again"
        elif wrong:
            found, remedy = f"{wrong[:1].decode('latin-1')!r} in a sequence", "Give a FASTA file"
        else:
            found, remedy = "letters before the first header", "Give a FASTA file"
        raise self._bad(row, found, remedy)

    def _bad(self, row: int, problem: str, remedy: str) -> BadSource:
        return _bad(self._source, row, problem, remedy)
