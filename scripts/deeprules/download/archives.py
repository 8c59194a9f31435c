"""Files in archives of research data: which address of bytes a DOI, or the page of a record, means.

People copy what their browser shows, which is most often a page. Here a page of Zenodo, figshare,
Dryad, OSF, Dataverse or ENCODE, or a DOI that leads to one, becomes the address of one file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

import requests
from pooch import downloaders

from deeprules.addresses import public_text, public_url
from deeprules.download.watching import BY_HAND
from deeprules.errors import InputError

DOI = re.compile(r"(?:doi:|https?://(?:dx\.|www\.)?doi\.org/)(10\.\d{4,9}(?:\.\d+)*/.+)", re.I)
WHOLE_DOIS = re.compile(
    r"(10\.5281/zenodo\.\d+|10\.6084/m9\.figshare\.\d+(?:\.v\d+)?|10\.5061/dryad\.[^/]+"
    r"|10\.17605/osf\.io/[^/]+|10\.(?:7910/dvn|70122/fk2)/[^/]+)(?:/(.+))?",
    re.I,
)
"""DOIs of which it is known where they end; of others the last part is the file."""

ZENODO = re.compile(r"https?://zenodo\.org/records?/(\d+)(?:/preview/([^?#]+))?/?(?:[?#].*)?")
FIGSHARE = re.compile(r"https?://[\w.-]*figshare\.com/articles/(?:[^?#]*/)?(\d{4,})(?:/(\d{1,3}))?")
DRYAD = re.compile(r"https?://datadryad\.org/(?:stash/)?dataset/doi:(10\.\d+/[^/?#]+)", re.I)
OSF = re.compile(r"https?://osf\.io/([a-z0-9]+)(?:/files/(?:[a-z]+/)?([a-z0-9]+))?/?", re.I)
DATAVERSE = re.compile(r"https?://[^/]+(?:/[^/]+)*/(?:dataset\.xhtml|citation)\?.*persistentId=")
DATAVERSE_FILE = re.compile(r"https?://[^/]+(?:/[^/]+)*/file\.xhtml\?.*(?:persistentId|fileId)=")
ENCODE = re.compile(r"https?://www\.encodeproject\.org/files/(ENCFF[0-9A-Z]+)/?")

DRYAD_FILE = re.compile(r"https://datadryad\.org/api/v2/files/(\d+)/download")

WORKS = (
    "Zenodo, figshare, Dryad, OSF and Dataverse work, as doi:<doi>/<file>; from elsewhere, "
    + BY_HAND
)
MAX_FOLDERS = 100
SHOWN_FILES = 10


@dataclass(frozen=True)
class Question:
    """Asks the interfaces of archives, with the patience and the hooks of a transfer."""

    options: Mapping

    def json(self, url: str):
        """The JSON at an address; an error of requests for any other answer."""
        response = requests.get(url, **self.options)
        response.raise_for_status()
        return response.json()


def is_archived(url: str) -> bool:
    """Whether an address is a DOI, or the page of a record or a file in an archive."""
    pages = (ZENODO, OSF, ENCODE)
    starts = (DOI, FIGSHARE, DRYAD, DATAVERSE, DATAVERSE_FILE)
    is_page = any(page.fullmatch(url) for page in pages)
    return is_page or any(start.match(unquote(url)) for start in starts)


def addresses_of_bytes(url: str, source: str, options: Mapping) -> list[str]:
    """Where the file lies that a DOI, or the page of a record, means: one address, or a second.

    Parameters
    ----------
    options : for `requests.get`

    Raises
    ------
    InputError
        If the record has no such file, or several of which none was named; `source` is named.
    requests.RequestException
        As the archive's interface answers.
    """
    if not is_archived(url):
        raise InputError(
            f"{source}: {public_url(url)!r} is not of the form doi:<doi>/<file>. {WORKS}."
        )
    try:
        found = _address(url, source, Question(options))
    except InputError:
        raise
    except (KeyError, IndexError, TypeError, AttributeError, requests.JSONDecodeError):
        raise InputError(
            f"{source}: the repository of {public_url(url)} lists no files. Check the DOI. {WORKS}."
        ) from None
    except requests.RequestException:
        raise
    except ValueError as error:
        reason = public_text(error, url).partition(". ")[0].rstrip(".")
        raise InputError(f"{source}: {public_url(url)} was not found: {reason}. {WORKS}.") from None
    # Dryad's interface asks programs to log in; its pages have another address.
    match = DRYAD_FILE.fullmatch(found)
    return [found, f"https://datadryad.org/downloads/file_stream/{match[1]}"] if match else [found]


def _address(url: str, source: str, ask: Question) -> str:
    page, doi, file = _page_of(url, ask.options)
    if match := ENCODE.fullmatch(page):
        found = ask.json(f"https://www.encodeproject.org/files/{match[1]}/?format=json")
        return urljoin(page, found["href"])
    if DATAVERSE_FILE.match(unquote(page)):
        return _dataverse_file(page)
    chosen = parse_qs(urlsplit(page).query).get("file", [None])[0]
    if chosen and FIGSHARE.match(page):
        return f"https://ndownloader.figshare.com/files/{int(chosen)}"
    if match := ZENODO.fullmatch(page):
        file = file or (unquote(match[2]) if match[2] else None)
    reader = next((one for page_of, one in READERS.items() if page_of.match(unquote(page))), None)
    files = reader(page, ask) if reader else _dataverse(page, ask, doi)
    return _choose(url, source, file, files)


def _page_of(url: str, options: Mapping) -> tuple[str, str | None, str | None]:
    """The page of a record, its DOI and the file, where they are named."""
    match = DOI.fullmatch(url.partition("#")[0])
    if match is None:
        return url, None, None
    known = WHOLE_DOIS.fullmatch(match[1])
    doi, file = (known[1], known[2]) if known else match[1].rsplit("/", 1)
    if not known and match[1].count("/") == 1:
        doi, file = match[1], None
    file = unquote(file) if file and url.lower().startswith("http") else file
    if doi.lower().startswith("10.5061/"):  # its pages are for people alone
        return f"https://datadryad.org/dataset/doi:{doi}", doi, file
    if doi.lower().startswith("10.17605/osf.io/"):
        return f"https://osf.io/{doi.rpartition('/')[2].lower()}/", doi, file
    return downloaders.doi_to_url(doi, **options), doi, file


def _zenodo(page: str, ask: Question) -> dict[str, str]:
    number = ZENODO.fullmatch(page)[1]
    record = f"https://zenodo.org/records/{number}"
    return _of_pooch(
        downloaders.ZenodoRepository(f"10.5281/zenodo.{number}", record, **ask.options)
    )


def _figshare(page: str, ask: Question) -> dict[str, str]:
    number, version = FIGSHARE.match(page).groups()
    record = f"https://api.figshare.com/v2/articles/{number}"
    found = ask.json(f"{record}/versions/{version}" if version else record)
    return {entry["name"]: entry["download_url"] for entry in found["files"]}


def _dataverse(page: str, ask: Question, doi: str | None) -> dict[str, str]:
    """Of a Dataverse anywhere; without a DOI, its page says which one it is about."""
    doi = doi or parse_qs(urlsplit(page).query)["persistentId"][0].removeprefix("doi:")
    repository = downloaders.DataverseRepository.initialize(doi, page, **ask.options)
    if repository is None:
        raise ValueError(f"{urlsplit(page).hostname} is no archive that can be read")
    return _of_pooch(repository)


def _of_pooch(repository) -> dict[str, str]:
    """The files of a repository that pooch knows."""
    names = SimpleNamespace(registry={})
    repository.populate_registry(names)
    return {name: repository.download_url(name) for name in names.registry}


def _dataverse_file(page: str) -> str:
    """The address of the file that a page of a Dataverse is about."""
    query = parse_qs(urlsplit(page).query)
    access = urljoin(page, "/api/access/datafile/")
    if "fileId" in query:
        return f"{access}{int(query['fileId'][0])}"
    return f"{access}:persistentId?persistentId={query['persistentId'][0]}"


def _dryad(page: str, ask: Question) -> dict[str, str]:
    doi = DRYAD.match(unquote(page))[1]
    home = "https://datadryad.org"
    record = ask.json(f"{home}/api/v2/datasets/{quote(f'doi:{doi}', safe='')}")
    listing, files = f"{record['_links']['stash:version']['href']}/files", {}
    while listing:
        found = ask.json(urljoin(home, listing))
        for entry in found["_embedded"]["stash:files"]:
            links = entry["_links"]
            link = links.get("stash:download") or links["stash:file-download"]
            files[entry["path"]] = urljoin(home, link["href"])
        listing = found["_links"].get("next", {}).get("href")
    return files


def _osf(page: str, ask: Question) -> dict[str, str]:
    """All files of a project in its own storage, or the one file that a page is about."""
    project, file = OSF.fullmatch(page).groups()
    if file:
        found = ask.json(f"https://api.osf.io/v2/files/{file}/")["data"]
    else:
        found = ask.json(f"https://api.osf.io/v2/guids/{project.lower()}/")["data"]
    if found["type"] == "files":
        return {found["attributes"]["name"]: found["links"]["download"]}
    folders, files = (
        [f"https://api.osf.io/v2/{found['type']}/{project.lower()}/files/osfstorage/"],
        {},
    )
    for _ in range(MAX_FOLDERS):
        if not folders:
            break
        listing = ask.json(folders.pop())
        for entry in listing["data"]:
            if entry["attributes"]["kind"] == "folder":
                folders.append(entry["relationships"]["files"]["links"]["related"]["href"])
            else:
                name = entry["attributes"]["materialized_path"].lstrip("/")
                files[name] = entry["links"]["download"]
        folders += [listing["links"]["next"]] if listing["links"].get("next") else []
    return files


READERS = {ZENODO: _zenodo, FIGSHARE: _figshare, DRYAD: _dryad, OSF: _osf}
"""What lists the files of a record, `{name: address}`, by its page."""


def _choose(url: str, source: str, file: str | None, files: Mapping[str, str]) -> str:
    """The one file that was named, or the only one of a record."""
    if file is None and len(files) == 1:
        return next(iter(files.values()))
    named = [name for name in files if name == file]
    named = named or [name for name in files if file and name.rpartition("/")[2] == file]
    if len(named) == 1:
        return files[named[0]]
    there = ", ".join(sorted(files)[:SHOWN_FILES])
    there += f" and {len(files) - SHOWN_FILES:,} more" if len(files) > SHOWN_FILES else ""
    problem = f"there is no file {file!r}" if file else f"there are {len(files):,} files"
    raise InputError(
        f"{source}: {public_url(url)}: {problem} in this record, which holds {there or 'nothing'}. "
        "Name one as doi:<doi>/<file>."
    )
