export * from './node-definitions.js';
export * from './plan.js';
export * from './execution-order.js';
