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
    cell_presets as cell_presets,
)
from .cheat_sheet import cheat_sheet_table as cheat_sheet_table
from .clash import clash_diagram as clash_diagram
from .concatenation import concatenation_diagram as concatenation_diagram
from .contributions import contribution_plot as contribution_plot
from .documentation import documentation_table as documentation_table
from .dropout_masks import dropout_plot as dropout_plot
from .layouts import layout_table as layout_table
from .mixing import mixing_plot as mixing_plot
from .operator_counts import operator_plot as operator_plot
from .outcomes import outcome_table as outcome_table
from .packing.last_steps import last_step_diagram as last_step_diagram
from .packing.padding import padding_plot as padding_plot
from .packing.ribbon import packing_diagram as packing_diagram
from .packing.sorting import sorting_diagram as sorting_diagram
from .precision import precision_plot as precision_plot
from .reach import reach_plot as reach_plot
from .row_orders import row_order_diagram as row_order_diagram
from .shape_differences import shape_changes as shape_changes
from .squashing import squashing_plot as squashing_plot
from .state_blocks import state_blocks_diagram as state_blocks_diagram

__all__: list[str]
