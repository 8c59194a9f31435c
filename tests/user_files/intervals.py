"""Peaks, other intervals and tracks, with a genome."""

import gzip
from functools import cache

import pyBigWig
from user_file import DRAW, bases, reads, refused, sequence_data

LENGTH = 60_000
CONTIGS = ("chr1", "chr2", "chr3")


def genome(folder, contigs=CONTIGS):
    """A small genome as a source."""
    path = folder / "genome.fa.gz"
    path.write_bytes(packed_genome(contigs))
    return {"url": path, "format": "genome"}


@cache
def packed_genome(contigs):
    """What a file of such a genome holds."""
    text = "".join(f">{name} of a test\n{bases(LENGTH)}\n" for name in contigs)
    return gzip.compress(text.encode(), compresslevel=1)


def peaks(n=60, contigs=CONTIGS, width=300, more="\tp{i}\t{i}\t."):
    """Lines of BED, far enough apart; `more` is what follows the end."""
    lines = []
    for i in range(n):
        start = 2000 + 900 * i + DRAW.randrange(200)
        place = f"{contigs[i % len(contigs)]}\t{start}\t{start + width + i % 7}"
        lines.append(place + more.format(i=i, summit=50 + i) + "\n")
    return lines


NARROW = "\tp{i}\t{i}\t.\t5\t3\t2\t{summit}"


def two_files(folder, first, second=None, **data):
    """Peaks and other places as two classes."""
    (folder / "peaks.bed").write_text("".join(first))
    other = second or [
        f"{CONTIGS[i % 3]}\t{start}\t{start + 300}\n"
        for i, start in enumerate(range(1400, 55_000, 900))
    ]
    (folder / "other.bed").write_text("".join(other))
    names = {"a": ("peaks.bed", "case"), "b": ("other.bed", "control")}
    sources = {
        name: {"url": folder / file, "format": "bed", "genome": "g", "values": {"class": group}}
        for name, (file, group) in names.items()
    }
    return sequence_data(**data, sources={**sources, "g": genome(folder)})


def alone(folder, lines, name="peaks.narrowPeak", **data):
    """Peaks without negatives of their own."""
    content = "".join(lines).encode()
    (folder / name).write_bytes(gzip.compress(content) if name.endswith("z") else content)
    source = {"url": folder / name, "format": "bed", "genome": "g", "values": {"class": "case"}}
    more = data.pop("more", {})
    return sequence_data(**data, sources={"a": source, "g": genome(folder), **more})


@reads("119 examples of 200 bases", "case 59")
def bed_of_a_browser_with_names_without_chr(folder):
    lines = [line.replace("chr", "") for line in peaks(59)]
    header = ['track name="my peaks" description="x"\n', "browser position chr1:1-2\n", "# made\n"]
    return two_files(folder, [*header, *lines], intervals={"width": 200})


@reads("120 examples of 200 bases", "background 60")
def narrow_peaks_alone_in_bgzip(folder):
    return alone(
        folder,
        peaks(more=NARROW),
        "peaks.narrowPeak.gz",
        intervals={"width": 200, "centre": "summit"},
        negatives={"from": "genome"},
    )


@reads("120 examples of 200 bases")
def broad_peaks_and_shuffles_of_them(folder):
    return alone(
        folder,
        peaks(more="\tp{i}\t{i}\t.\t5\t3\t2"),
        "peaks.broadPeak",
        intervals={"width": 200},
        negatives={"from": "dinucleotide_shuffle"},
    )


@refused(
    "there is one class only, case (60). Give examples of other classes, or have them drawn: "
    "`data: {negatives: {from: genome}}`."
)
def peaks_alone_without_a_word_on_negatives(folder):
    return alone(folder, peaks(more=NARROW), intervals={"width": 200})


@refused(
    "70000-70300 is no interval of chr1 (60,000 bases). Keep 0 <= start < end <= length of the "
    "chromosome, in the genome's own version."
)
def peaks_of_another_version_of_the_genome(folder):
    return two_files(folder, [*peaks(), "chr1\t70000\t70300\tp\t1\t.\n"], intervals={"width": 200})


@refused(
    "all 60 intervals lie on chromosomes that the genome lacks: c7, c8. Take the genome of the "
    "intervals; genome.fa.gz has chr1, chr2, chr3."
)
def peaks_of_another_organism(folder):
    return two_files(folder, peaks(contigs=("c7", "c8")), intervals={"width": 200})


@refused(
    "1 of 61 intervals lie on chromosomes that the genome lacks: chrUn_1. ",
    "Or leave these out, `data: {contigs: {exclude: [chrUn_1, ...]}}`.",
)
def peaks_some_of_which_are_on_odd_contigs(folder):
    return two_files(folder, [*peaks(), "chrUn_1\t100\t400\tp\t1\t.\n"], intervals={"width": 200})


@reads("120 examples of 200 bases", "1 intervals of a were left out: on contigs that data.contigs")
def peaks_on_odd_contigs_that_are_left_out(folder):
    lines = [*peaks(), "chrUn_1\t100\t400\tp\t1\t.\n"]
    return two_files(folder, lines, intervals={"width": 200}, contigs={"exclude": ["chrUn_*"]})


@refused(
    "no source has a column of summits, the tenth of a narrowPeak file. Name it with "
    "`columns: {summit: column7}`, say, or set `centre: midpoint`."
)
def peaks_without_a_column_of_summits(folder):
    return two_files(folder, peaks(), intervals={"width": 200, "centre": "summit"})


@reads(
    "Label ('class'): case 57, background 57", "3 intervals of a were left out: in the blacklist."
)
def peaks_in_a_blacklist(folder):
    (folder / "black.bed").write_text("chr1\t0\t5000\nchr1\t4000\t9000\nchr2\t0\t3000\n")
    return alone(
        folder,
        peaks(more=NARROW),
        intervals={"width": 200},
        negatives={"from": "genome"},
        blacklist="k",
        more={"k": {"url": folder / "black.bed", "format": "bed", "genome": "g"}},
    )


@refused(
    "is 60, so that 60 positives need 3,600 negatives, but there are only ",
    "take `gc` or `chromosome` out of `match`, or set a smaller `distance` than 0.",
)
def more_negatives_than_the_genome_has(folder):
    return alone(
        folder,
        peaks(more=NARROW),
        intervals={"width": 200},
        negatives={"from": "genome", "ratio": 60},
    )


@refused(
    "peaks.bed: 20 times, row 61, column 'start, end': 70000-70300 is no interval of chr1 (60,000 "
    "bases); row 62",
    "; and 17 more. Keep 0 <= start < end <= length of the chromosome",
)
def peaks_many_of_which_are_off_the_contig(folder):
    lines = [f"chr1\t{70_000 + i}\t{70_300 + i}\tp\t1\t.\n" for i in range(20)]
    return two_files(folder, [*peaks(), *lines], intervals={"width": 200})


NO_FIELDS = ". Write chromosome, start (from 0) and end, with tabs between them."


@refused("peaks.bed: its lines have no three fields: 'chr3,", NO_FIELDS)
def peaks_with_commas(folder):
    lines = [line.replace("\t", ",") for line in peaks()]
    return two_files(folder, lines, intervals={"width": 200})


@refused("peaks.bed: its lines have no three fields: 'chr1:4000-4300'", NO_FIELDS)
def regions_of_a_browser(folder):
    lines = [f"chr1:{start}-{start + 300}\n" for start in (2000, 3000, 4000)]
    return two_files(folder, lines, intervals={"width": 200})


@refused("it is a line of GTF or GFF in 60 rows: 1, 2, 3 and 57 more. Write columns 1, 4 (less 1),")
def genes_of_gtf_instead_of_peaks(folder):
    end = '\t.\t+\t.\tgene_id "g";\n'
    lines = [f"chr1\thavana\tgene\t{s}\t{s + 300}{end}" for s in range(2000, 56_000, 900)]
    return two_files(folder, lines, intervals={"width": 200})


@refused("it is a line of VCF in 60 rows: 2, 3, 4 and 57 more. Write the position less 1 and the")
def variants_instead_of_peaks(folder):
    lines = [f"chr1\t{s}\trs{s}\tA\tG\t.\tPASS\tx\n" for s in range(2000, 56_000, 900)]
    return two_files(folder, ["##fileformat=VCFv4.2\n", *lines], intervals={"width": 200})


@refused(
    "black.bed: none of its intervals lies on a contig of genome.fa.gz: chr1, chr2, chr3. Take the "
    "blacklist of this version of the genome, or leave it away."
)
def blacklist_of_another_organism(folder):
    (folder / "black.bed").write_text("chrIV\t0\t5000\n")
    return alone(
        folder,
        peaks(more=NARROW),
        intervals={"width": 200},
        negatives={"from": "genome"},
        blacklist="k",
        more={"k": {"url": folder / "black.bed", "format": "bed", "genome": "g"}},
    )


@refused("column 'label': no example is left of any class. There is nothing to predict: check ")
def one_file_given_as_both_classes(folder):
    lines = peaks()
    return two_files(folder, lines, lines, intervals={"width": 200})


@refused("genome.fa.gz, row 1: '#' in a sequence. Give a FASTA file.")
def annotation_instead_of_the_genome(folder):
    data = two_files(folder, peaks(), intervals={"width": 200})
    text = b"##gff-version 3\nchr1\tx\tgene\t1\t5\n"
    (folder / "genome.fa.gz").write_bytes(gzip.compress(text))
    return data


@reads("60 examples of 200 bases", "Label ('signal'): ")
def track_over_regions(folder):
    return track(folder)


@refused("data/atac.bw: atac.bw is cut short. Delete the file and download it again.")
def track_that_was_cut(folder):
    data = track(folder)
    path = folder / "atac.bw"
    path.write_bytes(path.read_bytes()[:700])
    return data


def track(folder):
    """A bigWig file over the regions of a BED file."""
    with pyBigWig.open(str(folder / "atac.bw"), "w") as file:
        file.addHeader([(name, LENGTH) for name in CONTIGS])
        for name in CONTIGS:
            values = [float(DRAW.randrange(1000)) for _ in range(LENGTH // 50)]
            file.addEntries(name, 0, values=values, span=50, step=50)
    (folder / "regions.bed").write_text("".join(peaks()))
    return {
        "modality": "sequence",
        "task": "regression",
        "label": "signal",
        "intervals": {"width": 200},
        "sources": {
            "atac": {"url": folder / "atac.bw", "format": "bigwig", "regions": "r"},
            "r": {"url": folder / "regions.bed", "format": "bed", "genome": "g"},
            "g": genome(folder),
        },
    }


@reads("120 examples of 200 bases", "around their summit (data.intervals)")
def narrow_peaks_of_windows_with_a_mark_and_empty_lines(folder):
    lines = [line.replace("\n", "\r\n") for line in peaks(more=NARROW)]
    lines = ["\ufeff" + lines[0], "\r\n", *lines[1:], "\r\n"]
    intervals = {"width": 200, "centre": "summit"}
    return alone(folder, lines, intervals=intervals, negatives={"from": "genome"})


@reads("1 of 60 intervals have no summit; their windows lie around the midpoint.")
def narrow_peaks_one_of_which_has_no_summit(folder):
    first, *lines = peaks(more=NARROW)
    lines = [first.rpartition("\t")[0] + "\t-1\n", *lines]
    intervals = {"width": 200, "centre": "summit"}
    return alone(folder, lines, intervals=intervals, negatives={"from": "genome"})


@refused("It is a place of the chromosome, as in the table of MACS. Give the bases from its start")
def narrow_peaks_with_summits_of_the_chromosome(folder):
    lines = []
    for line in peaks(more=NARROW):
        fields = line.split()
        lines.append("\t".join([*fields[:-1], str(int(fields[1]) + 100)]) + "\n")
    intervals = {"width": 200, "centre": "summit"}
    return alone(folder, lines, intervals=intervals, negatives={"from": "genome"})


@reads("120 examples of 200 bases")
def bed_of_r_with_quotes_and_of_pandas_with_points(folder):
    lines = ['"chr"\t"start"\t"end"\n']
    for line in peaks(more=""):
        name, start, end = line.split()
        lines.append(f'"{name}"\t{start}.0\t{end}.0\n')
    return alone(folder, lines, intervals={"width": 200}, negatives={"from": "genome"})


@reads("120 examples of 200 bases")
def bed_with_a_header_of_its_own(folder):
    lines = ["PeakChr\tPeakStart\tPeakEnd\n", *peaks(more="")]
    return alone(folder, lines, intervals={"width": 200}, negatives={"from": "genome"})


@refused(
    "it is the table of a GRanges object of R, whose places are counted from 1. Write it with "
    '`rtracklayer::export(peaks, "peaks.bed")`'
)
def table_of_genomic_ranges(folder):
    lines = ["seqnames\tstart\tend\twidth\tstrand\n", *peaks(more="\t300\t*")]
    return alone(folder, lines, intervals={"width": 200}, negatives={"from": "genome"})


@refused("its lines have 4 fields and its header 3, as R writes row names. Write it with ")
def bed_of_r_with_row_names(folder):
    lines = [f"{i}\t{line.removeprefix('chr')}" for i, line in enumerate(peaks(more=""), 1)]
    lines = ["chrom\tstart\tend\n", *lines]
    return alone(folder, lines, intervals={"width": 200}, negatives={"from": "genome"})


SECOND_FIELD = "its chromosomes stand in the second field ('chr1'), as in peaks of HOMER, SAF and "


@refused(SECOND_FIELD, "HOMER and SAF count places from 1")
def peaks_of_homer(folder):
    lines = [f"peak{i}\t{line}" for i, line in enumerate(peaks(more="\t+"))]
    lines = ["#PeakID\tchr\tstart\tend\tstrand\n", *lines]
    return alone(folder, lines, intervals={"width": 200}, negatives={"from": "genome"})


@refused(SECOND_FIELD)
def annotation_of_feature_counts_instead_of_peaks(folder):
    lines = [f"peak{i}\t{line}" for i, line in enumerate(peaks(more="\t+"))]
    lines = ["GeneID\tChr\tStart\tEnd\tStrand\n", *lines]
    return alone(folder, lines, intervals={"width": 200}, negatives={"from": "genome"})


@refused("it is an interval list of Picard, whose places are counted from 1. Turn it into BED with")
def interval_list_of_picard(folder):
    lines = ["@HD\tVN:1.0\n", "@SQ\tSN:chr1\tLN:60000\n", *peaks(more="\t+\tx")]
    return alone(folder, lines, intervals={"width": 200}, negatives={"from": "genome"})


@refused("it is the table of MACS (xls), whose places are counted from 1. Give the narrowPeak or")
def table_of_macs(folder):
    header = "chr\tstart\tend\tlength\tabs_summit\tpileup\t-log10(pvalue)\n"
    lines = ["# This file is generated by MACS\n", "\n", header, *peaks(more="\t300\t99\t9\t5")]
    return alone(folder, lines, intervals={"width": 200}, negatives={"from": "genome"})


@refused("'1.2E+04' and '12300' are not both whole numbers from 0. A spreadsheet rounded it: take ")
def peaks_that_a_spreadsheet_rounded(folder):
    lines = [*peaks(more=""), "chr2\t1.2E+04\t12300\n"]
    return alone(folder, lines, intervals={"width": 200}, negatives={"from": "genome"})


@reads("60 examples of 200 bases", "of atac.bw under the names of its regions: 1 is chr1, 2 is ")
def track_with_names_without_chr(folder):
    data = track(folder)
    with pyBigWig.open(str(folder / "atac.bw"), "w") as file:
        file.addHeader([(name.removeprefix("chr"), LENGTH) for name in CONTIGS])
        for name in CONTIGS:
            values = [float(DRAW.randrange(1000)) for _ in range(LENGTH // 50)]
            file.addEntries(name.removeprefix("chr"), 0, values=values, span=50, step=50)
    return data


@refused("atac.bw is a bedGraph file. Turn it into bigWig with `bedGraphToBigWig` of UCSC.")
def bed_graph_instead_of_a_track(folder):
    data = track(folder)
    (folder / "atac.bw").write_text("track type=bedGraph\nchr1\t0\t50\t1.5\n")
    return data
