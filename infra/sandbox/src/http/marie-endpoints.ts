import { arch, platform, release } from 'node:os';
import type { Faults } from '../faults.js';
import type { ExecutorSlots } from '../executions/executor-slots.js';
import type { JobList } from '../scheduler/job-list.js';
import type { Endpoint, Reply } from './router.js';

const DEPLOYMENT = 'sandbox_executor';
const NODE = 'sandbox-node';

export interface GatewayState {
  readonly marieVersion: string;
  readonly faults: Faults;
  readonly slots: ExecutorSlots;
  readonly jobs: JobList;
}

/** What Marie tells about itself, its executors and its jobs. */
export function marieEndpoints(state: GatewayState): readonly Endpoint[] {
  return [
    { method: 'GET', path: '/', handle: () => ok({}) },
    { method: 'GET', path: '/status', handle: () => ok(status(state.marieVersion)) },
    { method: 'GET', path: '/dry_run', handle: () => ok(dryRun(state.faults)) },
    { method: 'GET', path: '/api/capacity', handle: () => result(capacity(state)) },
    { method: 'GET', path: '/api/deployments', handle: () => result(deployments()) },
    { method: 'GET', path: '/api/deployment-status', handle: () => result(deploymentStatus()) },
    { method: 'GET', path: '/api/jobs', handle: async () => result(await state.jobs.list()) },
    {
      method: 'GET',
      path: '/api/jobs/{state}',
      handle: async ({ params }) => {
        const wanted = params.state ?? '';
        if (!state.jobs.isState(wanted)) {
          return ok({ status: 'error', message: `"${wanted}" is no job state`, code: 'INVALID_STATE' });
        }
        return result(await state.jobs.list(wanted));
      },
    },
  ];
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

function result(value: unknown): Reply {
  return ok({ status: 'OK', result: value });
}

function status(marieVersion: string): unknown {
  return {
    marie: {
      marie: marieVersion,
      platform: platform(),
      'platform-release': release(),
      architecture: arch(),
      uptime: String(Math.floor(process.uptime())),
    },
    envs: { MARIE_DEFAULT_HOST: '(unset)' },
  };
}

function dryRun(faults: Faults): unknown {
  if (faults.current().dry_run_failure !== true) return { code: 0, description: '', exception: null };
  return {
    code: 1,
    description: 'failed to connect to all addresses of the flow',
    exception: { name: 'InternalNetworkError', args: [], stacks: [], executor: DEPLOYMENT },
  };
}

function capacity({ faults, slots }: GatewayState): unknown {
  const { capacity: total } = slots;
  const used = faults.current().capacity_exhausted === true ? total : slots.inUse;
  const available = total - used;
  return {
    slots: [{ name: DEPLOYMENT, capacity: total, target: total, used, available, holders: used, notes: '' }],
    totals: { capacity: total, used, available, holder_count: used },
  };
}

function deployments(): unknown {
  return {
    deployments: { [DEPLOYMENT]: { name: DEPLOYMENT, replicas: 1, state: 'running' } },
    deployment_nodes: { [DEPLOYMENT]: [NODE] },
  };
}

function deploymentStatus(): unknown {
  const key = `${NODE}/${DEPLOYMENT}`;
  return {
    desired: { [key]: { phase: 'SCHEDULED', epoch: 1, params: {} } },
    status: { [key]: { status_code: 1, status_name: 'SERVING', owner: NODE, epoch: 1, details: {} } },
  };
}
