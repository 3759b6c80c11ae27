"""What computes: the matrix products of both frameworks, their threads, the devices."""

import os
import re
from argparse import Namespace
from pathlib import Path

from experiments.doctor.finding import Finding, gigabytes
from experiments.doctor.machine import cores

# Each is read by one of the libraries, when it is loaded.
VARIABLES = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip
DRIVER = Path("/proc/driver/nvidia/version")


def numpy(options: Namespace) -> Finding:
    """Return the library of NumPy's products, and its threads."""
    import numpy
    from threadpoolctl import threadpool_info

    pools = [p for p in threadpool_info() if p["user_api"] == "blas"]
    pools = [p for p in pools if is_of("numpy", p)] or pools  # PyTorch's and SciPy's aside
    said = [
        f"{p['internal_api']} {p['version']} for {p.get('architecture', 'any processor')}, "
        f"{threads(p['num_threads'])}"
        for p in pools
    ]
    built = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
    return Finding("; ".join(said) or built)


def is_of(package: str, pool: dict) -> bool:
    """Return whether a library came with a package."""
    return package in Path(pool["filepath"]).parent.name.split(".")


def torch(options: Namespace) -> Finding:
    """Return how PyTorch was built, and its threads."""
    import torch

    built = torch.__config__.show()
    mkl = re.search(r"Math Kernel Library Version ([\d.]+)", built)
    kind = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
    if torch.version.hip:
        kind = f"ROCm {torch.version.hip}"
    found = Finding(
        f"{torch.__version__}, {f'MKL {mkl[1]}' if mkl else 'no MKL'}, "
        f"{torch.backends.cpu.get_cpu_capability()}, {kind}, {threads(torch.get_num_threads())}"
    )
    if mkl:
        found.text += "; float32 results differ from NumPy's in the last digits"
    if torch.get_num_threads() > cores():
        found.warnings.append(
            f"more threads than cores, which is slow; type: export OMP_NUM_THREADS={cores()}"
        )
    return found


def threads(number: int) -> str:
    """Return a number of threads for reading."""
    return f"{number} thread{'s' * (number != 1)}"


def variables(options: Namespace) -> Finding:
    """Return the variables that say how many threads to take."""
    there = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    found = Finding(", ".join(f"{name}={value}" for name, value in there.items()) or "none set")
    for name, value in there.items():
        if not re.fullmatch(r"\s*[1-9]\d*(,[1-9]\d*)*\s*", value):
            found.warnings.append(f"{name}={value} is no number of threads; type: unset {name}")
    return found


def device(options: Namespace) -> Finding:
    """Return the devices that PyTorch can compute on."""
    import torch

    kind = torch.accelerator.current_accelerator(check_available=True)
    found = Finding("cpu")
    if kind is not None:
        there = [of_kind(torch, kind.type, k) for k in range(torch.accelerator.device_count())]
        found.text = ", ".join([*there, "cpu"])
    try:
        driver = re.search(r"Module\s.*?(\d+\.[\d.]+)", DRIVER.read_text())
    except OSError:
        return found
    found.text += f"; NVIDIA driver {driver[1] if driver else 'of unknown version'}"
    if torch.version.cuda is None:
        found.warnings.append(
            "there is an NVIDIA GPU, and this PyTorch was built without CUDA: to use it, install "
            "the CUDA build that PyTorch's page on installing names"
        )
    elif not torch.cuda.is_available():
        found.warnings.append(
            f"PyTorch was built for CUDA {torch.version.cuda} and does not reach the GPU; "
            "to see why, type: nvidia-smi"
        )
    return found


def of_kind(torch: object, kind: str, number: int) -> str:
    """Return a device, with its name and its memory where PyTorch tells them."""
    said = f"{kind}:{number}"
    properties = getattr(getattr(torch, kind, None), "get_device_properties", None)
    if properties is None:  # mps has but one, and no name
        return said
    of = properties(number)
    return f"{said} {of.name}, {gigabytes(of.total_memory)}"
