"""How the bundled classifier is made: data, network, training, distillation, export, evaluation, model card."""
