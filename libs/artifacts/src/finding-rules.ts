interface Rule {
  readonly severity: 'error' | 'warning';
  readonly remedy: string;
}

const error = (remedy: string): Rule => ({ severity: 'error', remedy });
const warning = (remedy: string): Rule => ({ severity: 'warning', remedy });

const rotate =
  'Keep the secret in the target environment, refer to it here, and replace it where it is in use: it is known now.';

/** Every rule by its stable code, with what to do about a breach. */
export const rules = {
  'bundle.not_json': error('Write the document as valid JSON.'),
  'bundle.too_large': error('Make the bundle smaller; move documents and models out of the artifacts.'),
  'bundle.too_deep': error('Flatten the nested values.'),
  'bundle.too_many_values': error('Split the bundle into several projects.'),
  'bundle.too_many_artifacts': error('Split the bundle into several projects.'),
  'bundle.too_many_nodes': error('Split the plans over several projects.'),
  'bundle.forbidden_key': error('Rename the field.'),
  'bundle.unusable_text': error('Remove NUL characters and broken Unicode from the text.'),
  'bundle.schema': error('Correct the field to the documented shape.'),
  'bundle.unknown_field': error('Remove the field, or correct its spelling.'),
  'bundle.invalid_name': error('Use 1 to 63 small letters, digits and hyphens, beginning with a letter or digit.'),
  'bundle.duplicate_name': error('Give each artifact of a kind its own name.'),
  'bundle.invalid_range': error('Write a range of semantic versions, such as ">=3.0.0 <5".'),
  'bundle.empty': error('Put at least one workflow, agent or processor into the bundle.'),
  'folder.unreadable': error('Check that the path exists and may be read.'),
  'folder.link_outside': error('Replace the link by the file itself.'),
  'folder.invalid_yaml': error('Write the document as valid YAML 1.2 without aliases.'),
  'folder.unknown_file': warning('Remove the file, or give it an extension that is read: json, or yaml for agents.'),
  'test.unknown_workflow': error('Name a workflow of this bundle.'),
  'plan.not_json': error('Write the plan as a JSON object with a "nodes" array.'),
  'plan.schema': error('Correct the field to the documented shape of query plans.'),
  'plan.no_nodes': error('Add at least one node.'),
  'plan.invalid_task_id': error('Use a UUID as task id.'),
  'plan.duplicate_task_id': error('Give each node its own task id.'),
  'plan.unknown_node_type': error('Use EXTRACTOR, SEGMENTER, COMPUTE, MERGER, BRANCH, SWITCH or GUARDRAIL.'),
  'plan.unknown_method': error(
    'Use NOOP, EXECUTOR_ENDPOINT, PYTHON_FUNCTION, LLM, BRANCH, SWITCH, MERGER_ENHANCED or GUARDRAIL.',
  ),
  'plan.not_schedulable': error('Replace the node by one whose method the scheduler can run.'),
  'plan.type_method_mismatch': error('Let node_type say the same as the method of the definition.'),
  'plan.missing_endpoint': error('Set "endpoint" to the executor to call, such as "extractor://document/extract".'),
  'plan.missing_model_name': error('Set "model_name" to the model to ask.'),
  'plan.no_root': error('Let exactly one node have no dependencies.'),
  'plan.multiple_roots': error('Let exactly one node have no dependencies; the others depend on it.'),
  'plan.cycle': error('Remove one dependency of the cycle.'),
  'plan.unreachable_node': error('Connect the node to the root, or remove it.'),
  'plan.dangling_dependency': error('Name a node of this plan, or remove the dependency.'),
  'plan.duplicate_dependency': warning('Name each dependency once.'),
  'plan.unknown_path_target': error('Let the path lead to a node of this plan.'),
  'plan.path_target_not_downstream': error(
    'Let the target depend, directly or through others, on the node that routes.',
  ),
  'plan.duplicate_path': error('Give each path its own path_id.'),
  'plan.unknown_default_path': error('Let default_path_id name one of the paths.'),
  'plan.guardrail_without_metrics': error('Add at least one metric.'),
  'plan.guardrail_paths': error('Give the guardrail exactly two paths, "pass" and "fail".'),
  'plan.guardrail_threshold': error('Use a number from 0 to 1.'),
  'plan.merger_min_required': error('Set min_required to a number from 1 to the number of dependencies.'),
  'plan.unknown_input_node': error('Let the JSONPath name a node of this plan.'),
  'plan.input_not_upstream': error('Read only from nodes that are done before; add the dependency if it is missing.'),
  'plan.unused_output': warning('Let a later node depend on it, or remove it.'),
  'plan.deprecated_field': warning('Remove the field; Marie no longer reads it.'),
  'plan.unknown_field': warning('Remove the field, or correct its spelling: Marie ignores it.'),
  'plan.more_findings': error('Correct the findings above and validate again.'),
  'secret.connection_string': error(rotate),
  'secret.private_key': error(rotate),
  'secret.bearer_token': error(rotate),
  'secret.api_key': error(rotate),
  'secret.cloud_key': error(rotate),
  'secret.named_field': error(rotate),
  'secret.known_format': error(rotate),
} as const satisfies Record<string, Rule>;

export type FindingCode = keyof typeof rules;
