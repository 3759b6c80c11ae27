"""The layers and the optimizers' steps in plain loops: their definitions, for reading.

The operations in ``minigrad.functions`` are fast because they say everything at once, in products
of matrices. Here the same formulas are written element by element, as one would on paper, and the
tests hold the two, and PyTorch, equal. A layer is a pair of functions on NumPy arrays:

    y, cache = conv2d_forward(x, weight, bias, ...)
    grad_x, grad_weight, grad_bias = conv2d_backward(grad_output, cache)

``grad_output`` is g, the gradient of the loss in the shape of y; a layer without parameters gives
back ``grad_x`` alone. To see where a backward comes from, lay it beside its forward: the loops are
the same, and each assignment is turned around. Where forward has ``y += w * x``, y hands its g back
to both: ``grad_x += g * w`` and ``grad_w += g * x``.

An optimizer's step takes one parameter and gives a new one, with what it remembers:

    p, state = adamax_step(p, grad, state, lr=2e-3)

Nothing that is passed in is changed. ``for n, o in np.ndindex(2, 3)`` counts through all pairs:
it is ``for n in range(2)`` around ``for o in range(3)``. Sizes and strides are pairs, rows first.
Numbers that overflow, infinities and NaN go through as in PyTorch, but NumPy may warn of them.

    linear.py                linear_forward, linear_backward
    conv2d.py                conv2d_forward, conv2d_backward
    max_pool2d.py            max_pool2d_forward, max_pool2d_backward
    avg_pool2d.py            avg_pool2d_forward, avg_pool2d_backward
    adaptive_avg_pool2d.py   adaptive_avg_pool2d_forward, adaptive_avg_pool2d_backward
    pad.py                   pad_forward, pad_backward
    relu.py                  relu_forward, relu_backward
    leaky_relu.py            leaky_relu_forward, leaky_relu_backward
    sigmoid.py               sigmoid_forward, sigmoid_backward
    tanh.py                  tanh_forward, tanh_backward
    softmax.py               softmax_forward, softmax_backward
    log_softmax.py           log_softmax_forward, log_softmax_backward
    nll_loss.py              nll_loss_forward, nll_loss_backward
    cross_entropy.py         cross_entropy_forward, cross_entropy_backward
    batch_norm.py            batch_norm_forward, batch_norm_backward
    dropout.py               dropout_forward, dropout_backward
    sgd.py                   sgd_step
    adam.py                  adam_step
    adamw.py                 adamw_step
    adamax.py                adamax_step
"""
