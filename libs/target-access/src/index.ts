export { describeTargetFault, tryPatiently, type OutsideFault, type Patience, type Tried } from './patience.js';
export { createTargetAccess, type TargetAccess, type TargetToReach } from './target-access.js';
