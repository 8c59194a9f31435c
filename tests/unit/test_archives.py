"""Addresses as people copy them, against a server that speaks the interface of each archive."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from local_server import READS, Answer

from deeprules.addresses import public_url
from deeprules.download.archives import is_archived
from deeprules.download.download import download
from deeprules.download.pins import pin_file
from deeprules.download.watching import RetryPolicy
from deeprules.errors import InputError
from deeprules_workflow.source_checks import file_name

pytestmark = pytest.mark.usefixtures("working_directory")

QUICK = RetryPolicy(attempts=2, first_wait=0.01, connect_timeout=5, read_timeout=5)
OTHER = b">other\nACGT\n"


@pytest.fixture
def web(server, monkeypatch):
    """The server in place of every host; its paths begin with the name of the host."""
    send = requests.adapters.HTTPAdapter.send

    def send_here(self, request, **options):
        asked = request.url
        parts = urlsplit(asked)
        request.url = server.url(f"/{parts.netloc}{parts.path}")
        request.url += f"?{parts.query}" if parts.query else ""
        response = send(self, request, **options)
        request.url = response.url = asked
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send_here)
    return server


def answer(web, address, content):
    """Let an address without its query give a file, or JSON."""
    body = content if isinstance(content, bytes | Answer) else json.dumps(content).encode()
    web.answer(address.replace("https://", "/"), body)


def redirect(web, address, to):
    answer(web, address, Answer(status=302, headers={"Location": to}))


def get(url):
    """The file at an address, downloaded and pinned."""
    path = Path("data")
    record = download(url, path, source="mine", pin_path="pin.json", retries=QUICK)
    pin_file(record, "pin.json", path)
    assert record["given_url"] == public_url(url)
    return path.read_bytes()


def refusal(url):
    with pytest.raises(InputError) as caught:
        get(url)
    assert not Path("data").exists() and not Path("pin.json").exists()
    return str(caught.value)


def zenodo(web):
    """A record of two files, as the interface has listed them since October 2023."""
    api, pages = "https://zenodo.org/api/records/4924875", "https://zenodo.org/records/4924875"
    files = [
        {
            "id": "1",
            "key": name,
            "size": 9,
            "checksum": "md5:0",
            "links": {"self": f"{api}/files/{name}/content"},
        }
        for name in ("reads.fa", "sub/other.fa")
    ]
    answer(web, api, {"id": 4924875, "conceptdoi": "10.5281/zenodo.4924874", "files": files})
    answer(web, f"{api}/files/reads.fa/content", READS)
    answer(web, f"{api}/files/sub/other.fa/content", OTHER)
    redirect(web, "https://doi.org/10.5281/zenodo.4924875", pages)
    answer(web, pages, b"<html>the page</html>")


def figshare(web, home="https://figshare.com"):
    api = "https://api.figshare.com/v2/articles/923450"
    page = f"{home}/articles/dataset/Reads_of_it/923450"
    listed = [
        {
            "id": number,
            "name": name,
            "size": 9,
            "is_link_only": False,
            "download_url": f"https://ndownloader.figshare.com/files/{number}",
            "computed_md5": "0",
        }
        for number, name in ((11, "reads.fa"), (12, "other.fa"))
    ]
    answer(web, api, {"id": 923450, "version": 2, "files": listed})
    answer(web, f"{api}/versions/1", {"id": 923450, "version": 1, "files": listed[:1]})
    answer(web, "https://ndownloader.figshare.com/files/11", READS)
    answer(web, "https://ndownloader.figshare.com/files/12", OTHER)
    redirect(web, "https://doi.org/10.6084/m9.figshare.923450", page)
    redirect(web, "https://doi.org/10.6084/m9.figshare.923450.v1", f"{page}/1")
    redirect(web, "https://doi.org/10.1184/R1/923450", page)
    answer(web, page, b"<html>the page</html>")
    answer(web, f"{page}/1", b"<html>the page</html>")


def dryad(web, link="stash:download", locked=False):
    """A data set whose files are listed in two pages."""
    home = "https://datadryad.org"
    answer(
        web,
        f"{home}/api/v2/datasets/doi%3A10.5061%2Fdryad.j1fd7",
        {
            "identifier": "doi:10.5061/dryad.j1fd7",
            "_links": {"stash:version": {"href": "/api/v2/versions/26724"}},
        },
    )
    files = [
        {
            "path": name,
            "size": 9,
            "mimeType": "text/plain",
            "status": "created",
            "_links": {
                "self": {"href": f"/api/v2/files/{n}"},
                link: {"href": f"/api/v2/files/{n}/download"},
            },
        }
        for n, name in ((61858, "README.md"), (61859, "reads.fa"))
    ]
    more = {"next": {"href": "/api/v2/versions/26724/files2?page=2"}}
    for number, listing in enumerate(("files", "files2")):
        page = {
            "_links": more if number == 0 else {},
            "_embedded": {"stash:files": [files[number]]},
        }
        answer(web, f"{home}/api/v2/versions/26724/{listing}", page)
    answer(
        web,
        f"{home}/api/v2/files/61859/download",
        Answer(b'{"error": "unauthorized"}', status=401) if locked else READS,
    )
    answer(web, f"{home}/downloads/file_stream/61859", READS)


def osf(web):
    """A project with a file and a folder that holds another, and a page of one file."""
    api = "https://api.osf.io/v2"

    def file(name, place, guid):
        return {
            "id": f"60a{guid}",
            "type": "files",
            "attributes": {"name": name, "kind": "file", "materialized_path": place, "guid": guid},
            "links": {"download": f"https://osf.io/download/{guid}/"},
        }

    folder = {
        "id": "60b",
        "type": "files",
        "attributes": {"name": "sub", "kind": "folder", "materialized_path": "/sub/"},
        "relationships": {
            "files": {"links": {"related": {"href": f"{api}/nodes/f3szh/files/osfstorage/60b/"}}}
        },
        "links": {},
    }
    answer(web, f"{api}/guids/f3szh/", {"data": {"id": "f3szh", "type": "nodes"}})
    answer(
        web,
        f"{api}/nodes/f3szh/files/osfstorage/",
        {"data": [folder, file("reads.fa", "/reads.fa", "aaaa1")], "links": {"next": None}},
    )
    answer(
        web,
        f"{api}/nodes/f3szh/files/osfstorage/60b/",
        {"data": [file("other.fa", "/sub/other.fa", "bbbb2")], "links": {"next": None}},
    )
    answer(web, f"{api}/guids/aaaa1/", {"data": file("reads.fa", "/reads.fa", "aaaa1")})
    answer(web, f"{api}/files/60aaaaa1/", {"data": file("reads.fa", "/reads.fa", "aaaa1")})
    redirect(web, "https://osf.io/download/aaaa1/", "https://files.osf.io/v1/resources/f3szh/1")
    answer(web, "https://files.osf.io/v1/resources/f3szh/1", READS)
    answer(web, "https://osf.io/download/bbbb2/", OTHER)


def dataverse(web):
    home = "https://dataverse.harvard.edu"
    files = [
        {"dataFile": {"filename": name, "id": number, "md5": "0"}}
        for number, name in ((5, "reads.fa"), (6, "other.fa"))
    ]
    answer(
        web,
        f"{home}/api/datasets/:persistentId",
        {"status": "OK", "data": {"latestVersion": {"files": files}}},
    )
    answer(web, f"{home}/api/access/datafile/5", READS)
    answer(web, f"{home}/api/access/datafile/6", OTHER)
    answer(web, f"{home}/api/access/datafile/:persistentId", READS)
    page = f"{home}/dataset.xhtml?persistentId=doi:10.7910/DVN/ABC123"
    redirect(
        web,
        "https://doi.org/10.7910/DVN/ABC123",
        f"{home}/citation?persistentId=doi:10.7910/DVN/ABC123",
    )
    redirect(web, f"{home}/citation", page)
    answer(web, f"{home}/dataset.xhtml", b"<html>the page</html>")


def encode(web):
    home = "https://www.encodeproject.org/files/ENCFF990XRM/"
    href = "/files/ENCFF990XRM/@@download/ENCFF990XRM.bed.gz"
    answer(web, home, {"accession": "ENCFF990XRM", "file_format": "bed", "href": href})
    there = "https://encode-public.s3.amazonaws.com/2016/ENCFF990XRM.bed.gz"
    redirect(web, f"https://www.encodeproject.org{href}", f"{there}?X-Amz-Signature=secret")
    answer(web, there, READS)


def geo(web):
    answer(web, "https://www.ncbi.nlm.nih.gov/geo/download/", READS)
    answer(web, "https://ftp.ncbi.nlm.nih.gov/geo/series/GSE1nnn/GSE1/suppl/reads.txt", READS)


ADDRESSES = [
    (zenodo, "doi:10.5281/zenodo.4924875/reads.fa", READS),
    (zenodo, "doi:10.5281/zenodo.4924875/sub/other.fa", OTHER),
    (zenodo, "doi:10.5281/zenodo.4924875/other.fa", OTHER),
    (zenodo, "https://doi.org/10.5281/zenodo.4924875/reads.fa", READS),
    (zenodo, "https://zenodo.org/records/4924875/preview/reads.fa?include_deleted=0", READS),
    (figshare, "doi:10.6084/m9.figshare.923450/other.fa", OTHER),
    (figshare, "doi:10.6084/m9.figshare.923450.v1", READS),
    (figshare, "https://figshare.com/articles/dataset/Reads_of_it/923450/1", READS),
    (figshare, "https://figshare.com/articles/dataset/Reads_of_it/923450?file=12", OTHER),
    (figshare, "doi:10.1184/R1/923450/other.fa", OTHER),
    (dryad, "doi:10.5061/dryad.j1fd7/reads.fa", READS),
    (dryad, "https://doi.org/10.5061/dryad.j1fd7/reads.fa", READS),
    (osf, "doi:10.17605/OSF.IO/F3SZH/reads.fa", READS),
    (osf, "https://doi.org/10.17605/OSF.IO/F3SZH/sub/other.fa", OTHER),
    (osf, "https://osf.io/aaaa1/", READS),
    (osf, "https://osf.io/aaaa1", READS),
    (osf, "https://osf.io/f3szh/files/osfstorage/60aaaaa1", READS),
    (osf, "https://osf.io/download/bbbb2/", OTHER),
    (dataverse, "doi:10.7910/DVN/ABC123/other.fa", OTHER),
    (dataverse, "https://doi.org/10.7910/DVN/ABC123/reads.fa", READS),
    (
        dataverse,
        "https://dataverse.harvard.edu/file.xhtml?persistentId=doi:10.7910/DVN/ABC123/X&version=1.0",
        READS,
    ),
    (dataverse, "https://dataverse.harvard.edu/file.xhtml?fileId=6&version=1.0", OTHER),
    (encode, "https://www.encodeproject.org/files/ENCFF990XRM/", READS),
    (
        encode,
        "https://www.encodeproject.org/files/ENCFF990XRM/@@download/ENCFF990XRM.bed",
        READS,
    ),
    (
        geo,
        "https://www.ncbi.nlm.nih.gov/geo/download/?acc=GSE1&format=file&file=GSE1%5Fa%2Etxt",
        READS,
    ),
    (geo, "https://ftp.ncbi.nlm.nih.gov/geo/series/GSE1nnn/GSE1/suppl/reads.txt", READS),
]


@pytest.mark.parametrize(("archive", "url", "content"), ADDRESSES)
def test_an_address_leads_to_its_file(web, archive, url, content):
    archive(web)
    if archive is encode:  # it ends with another name than it begins
        answer(
            web, "https://www.encodeproject.org/files/ENCFF990XRM/@@download/ENCFF990XRM.bed", READS
        )
        there = "https://encode-public.s3.amazonaws.com/2016/ENCFF990XRM.bed"
        href = "/files/ENCFF990XRM/@@download/ENCFF990XRM.bed"
        answer(web, "https://www.encodeproject.org/files/ENCFF990XRM/", {"href": href})
        answer(web, there, READS)
    assert get(url) == content


def test_a_record_of_figshare_at_a_university_is_one_too(web):
    figshare(web, "https://kilthub.figshare.com")
    assert get("doi:10.1184/R1/923450/reads.fa") == READS


@pytest.mark.parametrize("locked", [True, False])
def test_dryad_is_read_by_either_of_its_links(web, locked):
    dryad(web, "stash:file-download", locked)
    assert get("doi:10.5061/dryad.j1fd7/reads.fa") == READS


@pytest.mark.parametrize(
    ("archive", "url", "words"),
    [
        (
            zenodo,
            "https://zenodo.org/records/4924875",
            "there are 2 files in this record, which holds reads.fa, sub/other.fa. Name one as "
            "doi:<doi>/<file>.",
        ),
        (
            osf,
            "https://osf.io/f3szh/",
            "there are 2 files in this record, which holds reads.fa, sub/other.fa.",
        ),
        (
            dataverse,
            "https://dataverse.harvard.edu/dataset.xhtml?persistentId=doi:10.7910/DVN/ABC123",
            "there are 2 files in this record, which holds other.fa, reads.fa.",
        ),
        (
            dryad,
            "https://datadryad.org/stash/dataset/doi:10.5061/dryad.j1fd7",
            "there are 2 files in this record, which holds README.md, reads.fa.",
        ),
        (
            dryad,
            "doi:10.5061/dryad.j1fd7/READS.fa",
            "there is no file 'READS.fa' in this record, which holds README.md, reads.fa.",
        ),
        (zenodo, "doi:10.5281/zenodo.1/reads.fa", "cannot be had (HTTP 404"),
        (osf, "https://osf.io/zzzz9/", "cannot be had (HTTP 404"),
    ],
)
def test_what_names_no_file_is_told_with_those_that_there_are(web, archive, url, words):
    archive(web)
    assert words in refusal(url)


def test_a_file_that_dryad_gives_to_nobody_is_to_be_fetched_by_hand(web):
    dryad(web, locked=True)
    answer(web, "https://datadryad.org/downloads/file_stream/61859", Answer(status=403))
    message = refusal("doi:10.5061/dryad.j1fd7/reads.fa")
    assert "is not open to everyone" in message and "download the file by hand" in message


@pytest.mark.parametrize(
    "url",
    [
        "https://zenodo.org/records/4924875/files/reads.fa?download=1",
        "https://osf.io/download/aaaa1/",
        "https://osf.io/aaaa1/download",
        "https://figshare.com/ndownloader/files/11",
        "https://example.org/articles/12345",
        "data/zenodo.org/records/1",
    ],
)
def test_an_address_of_bytes_is_left_as_it_is(url):
    assert not is_archived(url)


def test_a_file_of_geo_keeps_the_name_that_its_address_gives():
    url = "https://www.ncbi.nlm.nih.gov/geo/download/?acc=GSE1&format=file&file=GSE1%5Fa%2Etxt%2Egz"
    assert file_name(url) == "GSE1_a.txt.gz"
