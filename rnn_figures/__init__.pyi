from .cells import (
    GRUStep as GRUStep,
    LSTMStep as LSTMStep,
    RNNStep as RNNStep,
    gru_step as gru_step,
    lstm_step as lstm_step,
    rnn_step as rnn_step,
)
from .checkpoints.comparing import compare as compare
from .checkpoints.records import (
    Change as Change,
    Moved as Moved,
)
from .configurations import (
    describe as describe,
    every_configuration as every_configuration,
)
from .course.operator_counts import operators as operators
from .diagrams import (
    cell_diagram as cell_diagram,
    loop_diagram as loop_diagram,
    stack_diagram as stack_diagram,
    unrolled_diagram as unrolled_diagram,
    weight_sheet_diagram as weight_sheet_diagram,
    wiring_diagram as wiring_diagram,
)
from .dropout import dropout_masks as dropout_masks
from .figures import (
    Diagram as Diagram,
    Plot as Plot,
    Table as Table,
)
from .gate_rows import moved_gates as moved_gates
from .gradients import (
    gradient_by_lag as gradient_by_lag,
    gradient_by_step as gradient_by_step,
)
from .html.frame import to_html as to_html
from .models.running import (
    Traces as Traces,
    trace_all as trace_all,
)
from .plots import (
    comparison_plot as comparison_plot,
    equality_plot as equality_plot,
    gate_plot as gate_plot,
    gradient_lag_plot as gradient_lag_plot,
    state_plot as state_plot,
    weight_sizes_plot as weight_sizes_plot,
)
from .proofs import (
    Proof as Proof,
    ProofError as ProofError,
    adds_up as adds_up,
)
from .report.explaining import explain as explain
from .stacks import (
    layer_by_layer as layer_by_layer,
    layers_of as layers_of,
)
from .tables import (
    configuration_table as configuration_table,
    equation_table as equation_table,
    h_n_table as h_n_table,
    parameter_table as parameter_table,
    shape_table as shape_table,
    slice_table as slice_table,
)
from .traces.agreement import TraceMismatchError as TraceMismatchError
from .traces.final_states import (
    FinalState as FinalState,
    final_states as final_states,
)
from .traces.records import (
    LayerTrace as LayerTrace,
    Trace as Trace,
)
from .traces.tracing import trace as trace
from .training.stored import (
    TrainedRun as TrainedRun,
    trained as trained,
    trained_runs as trained_runs,
)
from .verdict.diagnosing import diagnose as diagnose
from .verdict.records import (
    Finding as Finding,
    Verdict as Verdict,
)
from .weights import (
    from_keras as from_keras,
    from_onnx as from_onnx,
    gate_slices as gate_slices,
    parameter_slices as parameter_slices,
    set_forget_bias as set_forget_bias,
    to_keras as to_keras,
    to_onnx as to_onnx,
)

__version__: str
__all__: list[str]
