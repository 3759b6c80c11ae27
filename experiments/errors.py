"""What can go wrong in a command, with its exit status. The message is one line for stderr."""

import errno

# What a disk says that is full, or broken, and a limit on what may be written.
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class ExperimentError(Exception):
    """A failure with an explanation; any other exception is a bug."""

    status: int


class UsageError(ExperimentError):
    """The command was not typed, or not placed, as it has to be."""

    status = 2


class TrainingError(ExperimentError):
    """Training went wrong: a loss is not a finite number."""

    status = 3


class DataError(ExperimentError):
    """A data file is missing, or not what it has to be."""

    status = 4


class CheckpointError(ExperimentError):
    """What a run has written is missing, or was changed."""

    status = 4


class LostProcessError(ExperimentError):
    """Another of the processes that share a training was lost."""

    status = 3


class InUseError(CheckpointError):
    """Another process is at work in a run's folder."""


class NewerFormatError(CheckpointError):
    """A file was written by a newer minigrad."""


class StorageError(ExperimentError):
    """A disk is full, or fails."""

    status = 4
