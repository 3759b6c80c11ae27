"""Several processes that are threads: their collectives are sums over what all have brought."""

import threading

import torch

from experiments.processes import Launch

TIMEOUT = 20  # seconds; a thread that fails ends the waiting of the others at once


class Collectives:
    """The part of torch.distributed that is used, for the threads of `run`."""

    class ReduceOp:
        SUM, MAX = torch.sum, torch.amax

    def __init__(self, number):
        self.barrier = threading.Barrier(number, timeout=TIMEOUT)
        self.here = threading.local()
        self.brought = [None] * number

    def get_world_size(self):
        return len(self.brought)

    def exchanged(self, tensor):
        """What all have brought, in the order of the processes; all must come."""
        self.brought[self.here.rank] = tensor.detach().clone()
        self.barrier.wait()
        everywhere = list(self.brought)
        self.barrier.wait()
        return everywhere

    def all_reduce(self, tensor, op=ReduceOp.SUM):
        tensor.copy_(op(torch.stack(self.exchanged(tensor)), dim=0))

    def all_gather(self, outputs, tensor):
        for output, brought in zip(outputs, self.exchanged(tensor), strict=True):
            output.copy_(brought)


class Store:
    """What the processes leave for each other."""

    def __init__(self):
        self.left = {}

    def set(self, key, value):
        self.left[key] = value

    def check(self, keys):
        return all(key in self.left for key in keys)


def run(number, function, monkeypatch):
    """Call a function of `Together` in each of so many threads; return what they return."""
    from experiments.processes import batch_norm, loss, together

    collectives, store = Collectives(number), Store()
    for module in (batch_norm, loss, together):
        monkeypatch.setattr(module, "dist", collectives)
    results, errors = [None] * number, []

    def one(rank):
        collectives.here.rank = rank
        launch = Launch(rank, number, rank, number)
        try:
            results[rank] = function(together.Together(launch, store))
        except Exception as error:
            errors.append(error)
            collectives.barrier.abort()

    threads = [threading.Thread(target=one, args=(rank,)) for rank in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        if not isinstance(error, threading.BrokenBarrierError):
            raise error
    return results
