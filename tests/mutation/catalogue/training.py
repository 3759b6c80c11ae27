"""The training loop, the evaluation, early stopping, and the data."""

from ..mutant import Target, editor, mutant

loop, evaluation = (editor(f"experiments/{name}.py") for name in ("training", "evaluation"))
stopping, backend = (editor(f"experiments/{name}.py") for name in ("early_stopping", "backend"))
digits, run = editor("experiments/digits.py"), editor("experiments/run.py")
data = editor("minigrad/utils/data.py")
ZERO, TRAIN_MODE = "        optimizer.zero_grad()\n", "    model.train()\n"
EVALUATE = "val = evaluation(val_loader, model"
NLL, ERRORS = (
    "nll = model.nll(log_probabilities, y).sum()",
    "(labels != y).sum()",
)
MEANS = "nll, ce = float(nll) / len(labels), float(errors) / len(labels)"
LOADER = "self.data.DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)"
PIXELS = "pixels[SPLIT[mode]].astype"

TRAINING = Target(
    "training",
    (
        "tests/experiments/test_early_stopping.py",
        "tests/experiments/test_digits.py",
        "tests/experiments/test_evaluation.py",
        "tests/experiments/test_training.py",
        "tests/experiments/test_batches.py",
        "tests/test_data.py",
    ),
    (
        mutant("no zero_grad", loop(ZERO, "")),
        mutant(
            "zero_grad once per epoch",
            loop(ZERO, ""),
            loop(TRAIN_MODE, f"{TRAIN_MODE}    optimizer.zero_grad()\n"),
        ),
        mutant(
            "mean of batch means",
            evaluation(NLL, NLL.replace(".sum()", ".mean()")),
            evaluation(
                MEANS, MEANS.replace("float(nll) / len(labels)", "float(nll) / len(batches)")
            ),
        ),
        mutant("argmax over axis 0", evaluation("argmax(dim=1)", "argmax(dim=0)")),
        mutant("never shuffles", run("settings.batch_size, shuffle=True", "settings.batch_size")),
        mutant(
            "keeps the last weights",
            loop("    backend.load_weights(model, state.best_weights)\n", ""),
        ),
        mutant(
            # Digits takes the pixels as they are: this puts a standardisation in.
            "standardised with statistics of all data",
            digits(
                PIXELS, "((pixels - pixels.mean(0)) / (pixels.std(0) + 1e-8))[SPLIT[mode]].astype"
            ),
        ),
        mutant("model stays in eval mode after validation", loop(TRAIN_MODE, "")),
        mutant(
            "model selection on the training set",
            loop(EVALUATE, EVALUATE.replace("val_loader", "training_loader")),
        ),
        mutant(
            "samples with replacement",
            backend(
                LOADER,
                "self.data.DataLoader(dataset, batch_size=batch_size, "
                "sampler=self.data.RandomSampler(dataset, replacement=True) if shuffle else None)",
            ),
        ),
        mutant(
            "model selection on the training loss",
            loop("stopping.improved(val.nll)", "stopping.improved(train_nll)"),
        ),
        mutant(
            "model selection by classification error",
            loop("stopping.improved(val.nll)", "stopping.improved(val.ce)"),
        ),
        mutant(
            "epoch 0 is a candidate", loop("if epoch and stopping.improved", "if stopping.improved")
        ),
        mutant(
            "classification error of batch means",
            evaluation(ERRORS, ERRORS.replace(".sum()", ".double().mean()")),
            evaluation(
                MEANS, MEANS.replace("float(errors) / len(labels)", "float(errors) / len(batches)")
            ),
        ),
        mutant(
            "counts the right ones, not the errors", evaluation(ERRORS, ERRORS.replace("!=", "=="))
        ),
        mutant("evaluates in train mode", evaluation("model.eval()", "model.train()")),
        mutant("evaluates with a graph", evaluation("with backend.no_grad():", "if True:")),
        mutant(
            "mean training loss of batch means",
            loop("total += value * examples", "total += value"),
            loop("self.examples += examples", "self.examples += 1"),
        ),
        mutant(
            "steps before backward",
            loop(
                "        loss.backward()\n        optimizer.step()\n",
                "        optimizer.step()\n        loss.backward()\n",
            ),
        ),
        mutant(
            "clears the gradients between backward and step",
            loop(f"{ZERO}        loss.backward()\n", f"        loss.backward()\n{ZERO}"),
        ),
        mutant(
            "trains in epoch 0 too",
            loop("loader, backend, save) if epoch else None", "loader, backend, save)"),
        ),
        mutant("one epoch too few", loop("epoch <= num_epochs", "epoch < num_epochs")),
        mutant("a tie counts as better", stopping("nll < self.best_nll", "nll <= self.best_nll")),
        mutant(
            "a NaN counts as better",
            stopping("math.isfinite(nll) and nll < self.best_nll", "not nll >= self.best_nll"),
        ),
        mutant(
            "patience ends one epoch early",
            stopping("self.patience > self.max_patience", "self.patience >= self.max_patience"),
        ),
        mutant(
            "patience is not reset",
            stopping(
                "self.best_epoch, self.best_nll, self.patience = self.epoch, nll, 0",
                "self.best_epoch, self.best_nll = self.epoch, nll",
            ),
        ),
        mutant(
            "a larger nll is better",
            stopping("nll < self.best_nll", "nll > self.best_nll"),
            stopping("self.best_nll = math.inf", "self.best_nll = -math.inf"),
        ),
        mutant(
            "the last short batch is dropped",
            backend(LOADER, LOADER.replace("shuffle=shuffle", "shuffle=shuffle, drop_last=True")),
        ),
        mutant("validation overlaps training", digits("slice(1000, 1350)", "slice(900, 1350)")),
        mutant("pixels scaled to 0..1", digits(PIXELS, "(pixels / 16)[SPLIT[mode]].astype")),
        mutant(
            "minigrad's shuffle draws with replacement",
            data(
                "RandomSampler(dataset, generator=generator)",
                "RandomSampler(dataset, True, generator=generator)",
            ),
        ),
        mutant(
            "minigrad's shuffle repeats its order",
            data("seed(default_generator._random_int64())", "seed(0)"),
        ),
        mutant(
            "minigrad's loader forgets a short batch",
            data("if batch and not self.drop_last:", "if False:"),
        ),
    ),
)
