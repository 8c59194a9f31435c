"""Commands are filled in and run without a shell; what goes wrong is said with the command."""

import sys

import pytest
from own_tools import make_tool
from partitions import make_dataset

from deeprules.command.tool_commands import run_command
from deeprules.errors import InputError

PRINT = "-c 'import sys; print(*sys.argv[1:], sep=chr(10))'"


@pytest.fixture
def tool(tmp_path):
    return make_tool(tmp_path / "tool", make_dataset())


def run(tool, folder, template, **values):
    return run_command(tool, template.replace("python", sys.executable, 1), values, folder)


def test_values_fill_words_and_never_split_them(tool, tmp_path):
    done = run(tool, tmp_path, f"python {PRINT} a{{x}} 'b c' {{y}} {{{{z}}}}", x="1 2; ls", y=0.5)
    assert done.stdout.splitlines() == ["a1 2; ls", "b c", "0.5", "{z}"]


def test_it_runs_in_the_folder_with_nothing_on_stdin(tool, tmp_path):
    code = "import os, sys; print(os.getcwd()); print(len(sys.stdin.read()))"
    assert run(tool, tmp_path, f"python -c '{code}'").stdout.split() == [str(tmp_path), "0"]


def test_a_failed_command_is_told_with_its_status_and_the_end_of_its_stderr(tool, tmp_path):
    code = "import sys; [print(n, file=sys.stderr) for n in range(90)]; sys.exit(7)"
    with pytest.raises(InputError) as caught:
        run(tool, tmp_path, f"python -c '{code}' {{x}}", x="kept")
    message = str(caught.value)
    assert message.startswith("models.own: the command ended with exit status 7")
    assert "kept" in message and "    89" in message and "    75" in message
    assert "    74" not in message


def test_a_program_that_is_not_there_is_named(tool, tmp_path):
    with pytest.raises(InputError, match="no program `no_such_program`"):
        run_command(tool, "no_such_program x", {}, tmp_path)


def test_a_relative_path_is_not_looked_for_in_the_temporary_folder(tool, tmp_path):
    with pytest.raises(InputError, match=r"no program `\./tool\.sh`.*`files`"):
        run_command(tool, "./tool.sh", {}, tmp_path)


def test_a_file_that_cannot_be_started_is_named(tool, tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    with pytest.raises(InputError, match="Is it executable"):
        run_command(tool, str(script), {}, tmp_path)
    script.chmod(0o755)
    with pytest.raises(InputError, match="cannot be started"):
        run_command(tool, str(script), {}, tmp_path)


def test_a_placeholder_that_stands_for_nothing_is_named(tool, tmp_path):
    with pytest.raises(InputError, match=r"placeholder \{widht\} \(known: \{script\}, \{width\}\)"):
        run(tool, tmp_path, "python {widht}", width=8)
