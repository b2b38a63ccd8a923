export * from './append-context.js';
export * from './deadlines.js';
export * from './decide-and-append.js';
export * from './migrations.js';
export * from './stream-states.js';
