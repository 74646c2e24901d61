"""What is public, and where it is: `nnbook` loads a name from there when it is asked for."""

from nnbook.errors import (
    ClaimError as ClaimError,
    DataError as DataError,
    DerivationError as DerivationError,
    GradientError as GradientError,
    LabError as LabError,
    MissingRunsError as MissingRunsError,
    NNBookError as NNBookError,
    RecordError as RecordError,
    ShapeError as ShapeError,
    SpecError as SpecError,
)
from nnbook.evidence import reproduction as reproduction
from nnbook.evidence.comparisons import compare as compare
from nnbook.evidence.comparisons import differences as differences
from nnbook.evidence.comparisons import stands_in_family as stands_in_family
from nnbook.evidence.claims import Claims as Claims
from nnbook.evidence.diagnosis import (
    answers as answers,
    class_shares as class_shares,
    count_diagnoses as count_diagnoses,
    dead_layers as dead_layers,
    dead_share as dead_share,
    diagnose as diagnose,
    misread as misread,
    total_confusion as total_confusion,
)
from nnbook.evidence.gradient_measures import gradient_factor as gradient_factor
from nnbook.evidence.measures import (
    METRICS as METRICS,
    dead_units as dead_units,
    measured as measured,
    metric as metric,
)
from nnbook.evidence.registry import measure as measure
from nnbook.experiments import (
    Configuration as Configuration,
    Experiment as Experiment,
    Results as Results,
    Runs as Runs,
    Store as Store,
    experiment as experiment,
    experiment_names as experiment_names,
    recorded as recorded,
    run as run,
)
from nnbook.experiments.archives import get_records as get_records
from nnbook.experiments.layouts import (
    TwoWay as TwoWay,
    corrected_for_resampling as corrected_for_resampling,
    two_way as two_way,
)
from nnbook.experiments.statistics import (
    Effect as Effect,
    Summary as Summary,
    paired_ratio as paired_ratio,
    proportion as proportion,
    summarize as summarize,
    t_quantile as t_quantile,
)
from nnbook.experiments.record import Record as Record
from nnbook.lab import Report as Report
from nnbook.metrics import Metric as Metric
from nnbook.publishing.drawing.dodged import dodge as dodge
from nnbook.publishing.drawing.palette import COLORS as COLORS
from nnbook.publishing.drawing.style import use_style as use_style
from nnbook.publishing.field_figure import plot_field as plot_field
from nnbook.publishing.figures import (
    in_percent as in_percent,
    plot_confusion as plot_confusion,
    plot_differences as plot_differences,
    plot_factor as plot_factor,
    plot_learning_curves as plot_learning_curves,
    plot_ratios as plot_ratios,
    plot_weight_images as plot_weight_images,
)
from nnbook.publishing.network_diagrams import (
    plot_backward as plot_backward,
    plot_forward as plot_forward,
)
from nnbook.publishing.tables import (
    DataTable as DataTable,
    MathTable as MathTable,
    latex as latex,
    parameter_rows as parameter_rows,
)
from nnbook.theory import symbolic as symbolic
from nnbook.theory.activations import (
    ACTIVATIONS as ACTIVATIONS,
    Activation as Activation,
    get_activation as get_activation,
    identity as identity,
    leaky_relu as leaky_relu,
    relu as relu,
    sigmoid as sigmoid,
    softmax as softmax,
    softplus as softplus,
    step as step,
    tanh as tanh,
)
from nnbook.theory.arrays import exact as exact
from nnbook.theory.depth import (
    folding_network as folding_network,
    interpolating_network as interpolating_network,
    kinks as kinks,
    slopes as slopes,
)
from nnbook.theory.dropout import Dropout as Dropout
from nnbook.theory.gradient_check import (
    GradientReport as GradientReport,
    Parameter as Parameter,
    central_differences as central_differences,
    check_gradients as check_gradients,
    compare_gradients as compare_gradients,
    complex_step as complex_step,
    shifted as shifted,
)
from nnbook.theory.losses import (
    LOSSES as LOSSES,
    Loss as Loss,
    binary_cross_entropy as binary_cross_entropy,
    binary_cross_entropy_on_logits as binary_cross_entropy_on_logits,
    categorical_cross_entropy as categorical_cross_entropy,
    categorical_cross_entropy_on_logits as categorical_cross_entropy_on_logits,
    get_loss as get_loss,
    half_sse as half_sse,
    mae as mae,
    mse as mse,
    negative_log_likelihood as negative_log_likelihood,
    one_hot as one_hot,
    sse as sse,
)
from nnbook.theory.network import (
    BackwardPass as BackwardPass,
    ForwardPass as ForwardPass,
    Layer as Layer,
    Network as Network,
    Shortcut as Shortcut,
)
from nnbook.theory.normalization import BatchNorm as BatchNorm, LayerNorm as LayerNorm
from nnbook.theory.optimizers import (
    OPTIMIZERS as OPTIMIZERS,
    Adadelta as Adadelta,
    Adagrad as Adagrad,
    Adam as Adam,
    Momentum as Momentum,
    Nadam as Nadam,
    Nesterov as Nesterov,
    Optimizer as Optimizer,
    RMSprop as RMSprop,
    SGD as SGD,
    cosine_decay as cosine_decay,
    descend as descend,
    exponential_decay as exponential_decay,
    get_optimizer as get_optimizer,
)
from nnbook.theory.parts import Dense as Dense, Part as Part
from nnbook.theory.penalties import (
    bumps as bumps,
    lasso as lasso,
    ridge as ridge,
    soft_threshold as soft_threshold,
)
from nnbook.theory.piecewise import Piece as Piece, pieces as pieces
from nnbook.training.augmentation import (
    affine_places as affine_places,
    augment as augment,
    interpolate as interpolate,
    smooth_displacements as smooth_displacements,
)
from nnbook.training.eckerle4 import (
    CERTIFIED as CERTIFIED,
    STARTING_VALUES as STARTING_VALUES,
    GaussianFit as GaussianFit,
    certified_fit as certified_fit,
    certified_test_loss as certified_test_loss,
    fit_gaussian as fit_gaussian,
    fit_training_set as fit_training_set,
    gaussian as gaussian,
    gaussian_jacobian as gaussian_jacobian,
    log_relative_error as log_relative_error,
)
from nnbook.training.datasets import Split as Split, eckerle4 as eckerle4, load_split as load_split
from nnbook.training.engine import train as train
from nnbook.training.gradients import keras_gradients as keras_gradients
from nnbook.training.spec import RunSpec as RunSpec, run_spec as run_spec

__version__: str
