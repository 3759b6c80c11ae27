# ruff: noqa
"""The assignment's notebook on Digits, in its own constructs, written for PyTorch.

tests/test_notebook.py runs it as it stands, and with nothing but the block of imports replaced.
"""

import os

import numpy as np
from sklearn.datasets import load_digits

# <imports>
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader
# </imports>

DTYPE = "float64"
SEED = 0
NUM_EPOCHS = 3
NAMES = ["classifier_mlp", "classifier_cnn"]

torch.set_default_dtype(getattr(torch, DTYPE))
torch.manual_seed(SEED)


class Digits(Dataset):
    def __init__(self, mode="train", transforms=None):
        digits = load_digits()
        part = {"train": slice(0, 1000), "val": slice(1000, 1350), "test": slice(1350, None)}[mode]
        self.data = digits.data[part].astype(DTYPE)
        self.targets = digits.target[part]
        self.transforms = transforms

    def __len__(self):
        return len(self.data)

    def __getitem__(self, idx):
        sample_x = self.data[idx]
        sample_y = self.targets[idx]
        if self.transforms:
            sample_x = self.transforms(sample_x)
        return (sample_x, sample_y)


class Reshape(nn.Module):
    def __init__(self, size):
        super(Reshape, self).__init__()
        self.size = size

    def forward(self, x):
        return x.view(x.shape[0], *self.size)


class Flatten(nn.Module):
    def __init__(self):
        super(Flatten, self).__init__()

    def forward(self, x):
        return x.view(x.shape[0], -1)


class ClassifierNeuralNet(nn.Module):
    def __init__(self, classnet):
        super(ClassifierNeuralNet, self).__init__()
        self.classnet = classnet
        self.nll = nn.NLLLoss(reduction="none")

    def classify(self, x):
        return torch.argmax(self.classnet(x), axis=1)

    def forward(self, x, y, reduction="avg"):
        loss = self.nll(self.classnet(x), y.type(torch.LongTensor))
        if reduction == "sum":
            return loss.sum()
        return loss.mean()


def evaluation(test_loader, model, name=None, epoch=None, print_freq=1):
    if name is not None:
        model.load_state_dict(torch.load(name + ".model"))
    model.eval()
    loss_test = 0.0
    loss_error = 0.0
    N = 0.0
    for indx_batch, (test_batch, test_targets) in enumerate(test_loader):
        loss_test_batch = model.forward(test_batch, test_targets, reduction="sum")
        loss_test = loss_test + loss_test_batch.item()
        y_pred = model.classify(test_batch)
        e = 1.0 * (y_pred == test_targets)
        loss_error = loss_error + (1.0 - e).sum().item()
        N = N + test_batch.shape[0]
    loss_test = loss_test / N
    loss_error = loss_error / N
    if epoch is None:
        print(f"-> FINAL PERFORMANCE: nll={loss_test}, ce={loss_error}")
    elif epoch % print_freq == 0:
        print(f"Epoch: {epoch}, val nll={loss_test}, val ce={loss_error}")
    return loss_test, loss_error


def training(name, max_patience, num_epochs, model, optimizer, training_loader, val_loader):
    nll_val = []
    error_val = []
    best_nll = 1000.0
    patience = 0
    for e in range(num_epochs):
        model.train()
        for indx_batch, (batch, targets) in enumerate(training_loader):
            loss = model.forward(batch, targets)
            optimizer.zero_grad()
            loss.backward(retain_graph=True)
            optimizer.step()
        loss_e, error_e = evaluation(val_loader, model, epoch=e + 1)
        nll_val.append(loss_e)
        error_val.append(error_e)
        if e == 0 or loss_e < best_nll:
            torch.save(model.state_dict(), name + ".model")
            best_nll = loss_e
            patience = 0
        else:
            patience = patience + 1
        if patience > max_patience:
            break
    return np.asarray(nll_val), np.asarray(error_val)


train_data = Digits(mode="train")
val_data = Digits(mode="val")
test_data = Digits(mode="test")
training_loader = DataLoader(train_data, batch_size=64, shuffle=True)
val_loader = DataLoader(val_data, batch_size=64, shuffle=False)
test_loader = DataLoader(test_data, batch_size=64, shuffle=False)

print("How do we get our data from Digits class? \n")
print(f"Feature example:\n{train_data[1][0]}")
print(f"Feature example shape: {train_data[1][0].shape}")
print(f"Label example: {train_data[1][1]}")

print("How do we get our data from Pytorch DataLoader class? \n")
train_features, train_labels = next(iter(training_loader))
print(f"Feature batch shape: {train_features.size()}")
print(f"Labels batch shape: {train_labels.size()}")
print(f"Labels: {train_labels}")
reshape = Reshape(size=(1, 8, 8))
train_features_reshaped = reshape(train_features)
print(f"Feature batch shape after reshape: {train_features_reshaped.size()}")
flatten = Flatten()
train_features_flattened = flatten(train_features_reshaped)
print(f"Feature batch shape after flatten: {train_features_flattened.size()}")
print(train_features_flattened[:2])

D = 64
K = 10
N_mlp = [128, 64, 32]
C_cnn = [1, 16, 64]
N_cnn = [256, 128]
lr = 1e-3
wd = 1e-5
max_patience = 20

for name in NAMES:
    print("\n-> START {}".format(name))
    result_dir = os.path.join("results", name)
    if not (os.path.exists(result_dir)):
        os.makedirs(result_dir)
    if name[0:14] == "classifier_mlp":
        classnet = nn.Sequential(
            nn.Linear(D, N_mlp[0]),
            nn.ReLU(),
            nn.Linear(N_mlp[0], N_mlp[1]),
            nn.ReLU(),
            nn.Linear(N_mlp[1], N_mlp[1]),
            nn.ReLU(),
            nn.Linear(N_mlp[1], N_mlp[2]),
            nn.ReLU(),
            nn.Linear(N_mlp[2], K),
            nn.LogSoftmax(dim=1),
        )
    elif name[0:14] == "classifier_cnn":
        classnet = nn.Sequential(
            Reshape(size=(1, 8, 8)),
            nn.Conv2d(C_cnn[0], C_cnn[1], 3, stride=1, padding="same"),
            nn.MaxPool2d(2, stride=2),
            nn.Conv2d(C_cnn[1], C_cnn[2], 3, stride=1, padding="same"),
            nn.MaxPool2d(2, stride=2),
            Flatten(),
            nn.Linear(N_cnn[0], N_cnn[1]),
            nn.ReLU(),
            nn.Linear(N_cnn[1], K),
            nn.LogSoftmax(dim=1),
        )
    model = ClassifierNeuralNet(classnet)
    print(model)
    optimizer = torch.optim.Adamax(
        [p for p in model.parameters() if p.requires_grad == True], lr=lr, weight_decay=wd
    )
    path = os.path.join(result_dir, name)
    nll_val, error_val = training(
        name=path,
        max_patience=max_patience,
        num_epochs=NUM_EPOCHS,
        model=model,
        optimizer=optimizer,
        training_loader=training_loader,
        val_loader=val_loader,
    )
    test_loss, test_error = evaluation(test_loader, model, name=path)
    f = open(path + "_test_loss.txt", "w")
    f.write("NLL: " + str(test_loss) + "\nCE: " + str(test_error))
    f.close()
    print(f"{len(nll_val)} epochs, best {nll_val.min()}, mean error {error_val.mean()}")
