import json
import sys

import pytest

from deeprules.errors import InputError
from deeprules.strict_text import TextError, parse_json, parse_yaml, read_yaml

LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)
FAULTS = {
    "a key twice": ("a:\n  b: 1\n  c: 2\n  b: 3\n", "line 4: the key `b` stands in line 2"),
    "in one line": ("a: {b: 1, b: 2}\n", "line 1: the key `b` stands in line 1"),
    "number and text": ("a: {1: x,\n '1': y}\n", "line 2: the key `1` stands in line 1"),
    "two merges": ("a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n", "line 4: the key `<<`"),
    "octal": ("a: 1\nb: 010\n", "line 2: YAML reads `010` as 8"),
    "hexadecimal": ("a: 0x1F", "line 1: YAML reads `0x1F` as 31"),
    "sexagesimal": ("a: [12:30]", "line 1: YAML reads `12:30` as 750"),
    "sexagesimal with a point": ("a: 1:30.5", "YAML reads `1:30.5` as 90.5"),
    "underscores": ("a: 1_000", "YAML reads `1_000` as 1000"),
    "octal key": ("classes: {01: a}", "YAML reads `01` as 1"),
    "time": ("a: 2001-12-14 21:59:43", "line 1: YAML reads"),
    "no such date": ("a: 2024-13-45", "line 1: `2024-13-45` cannot be read"),
    "digits without end": (f"a: {'1' * 5000}", "line 1: `1111"),
    "a tab": ("a:\n\tb: 1\n", "line 2: is not YAML: a tab"),
    "an open bracket": ("a: [1,\n", "is not YAML"),
    "too deep": ("a: " + "[" * 3000, "line 1: is nested more than"),
    "billion laughs": (LAUGHS, "unfold to more than 1,000,000 values"),
    "aliases without end": ("a: &a 1\nb: [" + "*a, " * 1001 + "]", "more than 1000 aliases"),
    "an alias of itself": ("a: &a [1, *a]", "line 1: an alias within what it stands for"),
    "two documents": ("a: 1\n---\na: 2\n", "line 2: a second document"),
    "an object": ("a: !!python/object:os.system {}", "line 1: is not YAML: could not determine"),
    "a truth value by tag": ("a: !!bool abc", "line 1: `abc` cannot be read: it is no bool"),
    "a time by tag": ("a: !!timestamp abc", "line 1: `abc` cannot be read: it is no timestamp"),
    "a number by tag": ("a: 1\nb: !!int ''", "line 2: `` cannot be read: it is no int"),
    "a list as key": ("? [a, b]\n: c\n", "line 1: a key must be plain text"),
    "control character": ("a: \x00", "is not YAML"),
}


@pytest.mark.parametrize(("text", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_each_is_refused_with_its_line(text, words):
    with pytest.raises(InputError) as error:
        parse_yaml(text, "config.yaml")
    assert str(error.value).startswith("config.yaml: ")
    assert words in str(error.value)


def test_all_duplicates_are_told_at_once():
    with pytest.raises(TextError) as error:
        parse_yaml("a: 1\na: 2\nb: {c: 1, c: 1}\na: 3\n", "x")
    assert len(error.value.faults) == 3


def test_plain_text_is_read_as_ever():
    text = (
        "base: &base {x: 1, y: 0.5}\none:\n  <<: *base\n  x: 2\n"
        "rates: [1e-3, 1.0e-3, -2, .5]\nday: 2024-01-05\nempty:\nyes: true\ntext: '010'\n"
    )
    content = parse_yaml(text, "x")
    assert content["one"] == {"x": 2, "y": 0.5}
    assert content["rates"] == ["1e-3", 0.001, -2, 0.5]
    assert content["text"] == "010" and content["empty"] is None
    assert parse_yaml("", "x") is None
    assert parse_yaml("a: 0x10", "x", plain_numbers=False) == {"a": 16}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: 1\nb: \xe9\n", "line 2: is not UTF-8"),
        ("a: 1".encode("utf-16"), "is not UTF-8"),
        (b"# " + b"x" * 10_000_001, "larger than 10 MB"),
    ],
)
def test_files_that_are_no_text(tmp_path, content, words):
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_yaml(tmp_path / "a.yaml")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(tmp_path / "a.yaml") == {"a": 1}


def test_paths_without_a_file(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    for name, words in {
        ".": "is a folder",
        "nothing": "no such file",
        "dangling": "link to a file that does not exist",
        "loop": "link|symbolic",
    }.items():
        with pytest.raises(InputError, match=words):
            read_yaml(tmp_path / name)


JSON_FAULTS = {
    '{"a": 1,\n"b": {"a": 1, "a": 2}}': "the key `a` stands twice",
    '{"a": NaN}': "the number NaN is not finite",
    '{"a": -Infinity}': "not finite",
    '{"a": 1e999}': "not finite",
    "[" * (sys.getrecursionlimit() * 100): "nested too deep",
    '{"a": 1,\n}': "line 2: is not JSON",
    "": "line 1: is not JSON",
    "[" * 900 + "]" * 900: "nested too deep",
    '{"a": ' + "1" * 5000 + "}": "limit",
}


@pytest.mark.parametrize(("text", "words"), JSON_FAULTS.items())
def test_json_is_read_strictly(text, words):
    with pytest.raises(InputError, match=words):
        parse_json(text, "x.json")


def test_plain_json_is_read_as_ever():
    content = {"a": [1, 2.5, None, True], "b": {"a": "x"}}
    assert parse_json(json.dumps(content).encode(), "x") == content
