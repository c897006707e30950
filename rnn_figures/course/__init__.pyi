from .axes import (
    axes_diagram as axes_diagram,
    leak_diagram as leak_diagram,
)
from .calls.backward import backward_diagram as backward_diagram
from .calls.forgetting import forgetting_plot as forgetting_plot
from .calls.split_calls import calls_diagram as calls_diagram
from .cell_player import cell_player as cell_player
from .cell_presets import (
    CellPreset as CellPreset,
    bracket_reader as bracket_reader,
    cell_presets as cell_presets,
)
from .chain_rule import chain_rule_diagram as chain_rule_diagram
from .cheat_sheet import cheat_sheet_table as cheat_sheet_table
from .clash import clash_diagram as clash_diagram
from .concatenation import concatenation_diagram as concatenation_diagram
from .contributions import contribution_plot as contribution_plot
from .detectors import (
    compares_one_to_one as compares_one_to_one,
    counts_sequences as counts_sequences,
    equals_one_call as equals_one_call,
    fits_packed as fits_packed,
    gives_each_its_own as gives_each_its_own,
    has_forget_bias as has_forget_bias,
    has_its_shapes as has_its_shapes,
    has_options as has_options,
    has_state_for as has_state_for,
    hears_first_step as hears_first_step,
    holds_parameters as holds_parameters,
    holds_sequences as holds_sequences,
    ignores_padding as ignores_padding,
    is_random as is_random,
    is_transposed as is_transposed,
    keeps_batch_of_one as keeps_batch_of_one,
    keeps_every_step as keeps_every_step,
    keeps_rows_together as keeps_rows_together,
    keeps_sequences_apart as keeps_sequences_apart,
    reaches_zero as reaches_zero,
    starts_afresh as starts_afresh,
    starts_own_rows as starts_own_rows,
    takes_final_h as takes_final_h,
)
from .documentation import (
    documentation_code_table as documentation_code_table,
    documentation_table as documentation_table,
)
from .dropout_masks import dropout_plot as dropout_plot
from .experiments.coloured_text import coloured_text_plot as coloured_text_plot
from .experiments.cuts import cut_plot as cut_plot
from .experiments.decline import decline_plot as decline_plot
from .experiments.first_symbol import first_symbol_plot as first_symbol_plot
from .experiments.reading import reading_plot as reading_plot
from .experiments.spread import (
    spread_plot as spread_plot,
    spread_table as spread_table,
)
from .experiments.told import told_table as told_table
from .experiments.unit_scores import unit_auc_plot as unit_auc_plot
from .experiments.watched import watched_plot as watched_plot
from .gradient_dial import gradient_dial as gradient_dial
from .gru_forms import gru_forms_plot as gru_forms_plot
from .lattice import (
    lattice_cell as lattice_cell,
    lattice_drawing as lattice_drawing,
    lattice_player as lattice_player,
    lattice_weights as lattice_weights,
)
from .layouts import layout_table as layout_table
from .letters_read import letters_read_plot as letters_read_plot
from .memory import memory_diagram as memory_diagram
from .mixing import mixing_plot as mixing_plot
from .operator_counts import operator_plot as operator_plot
from .outcomes import outcome_table as outcome_table
from .packing.batches import batches_plot as batches_plot
from .packing.last_steps import last_step_diagram as last_step_diagram
from .packing.padding import padding_plot as padding_plot
from .packing.ribbon import packing_diagram as packing_diagram
from .packing.sorting import sorting_diagram as sorting_diagram
from .preactivations import preactivation_diagram as preactivation_diagram
from .precision import precision_plot as precision_plot
from .rates import verdict_rates_table as verdict_rates_table
from .reach import reach_plot as reach_plot
from .returned import returned_plot as returned_plot
from .row_orders import row_order_diagram as row_order_diagram
from .scores import score_diagram as score_diagram
from .shape_differences import shape_changes as shape_changes
from .squashing import squashing_plot as squashing_plot
from .state_blocks import state_blocks_diagram as state_blocks_diagram
from .weight_picker import weight_picker as weight_picker

__all__: list[str]
