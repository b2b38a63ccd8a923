export { describeTargetFault, tryPatiently, type OutsideFault, type Patience, type Tried } from './patience.js';
export { Recent } from './recent.js';
export {
  createTargetAccess,
  readSecretKeys,
  type GatewayAccess,
  type TargetAccess,
  type TargetToReach,
} from './target-access.js';
