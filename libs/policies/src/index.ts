export * from './calendar.js';
export * from './cron.js';
export * from './publish-access.js';
export * from './start-rules.js';
export * from './target-policy.js';
export * from './target-state.js';
export * from './start-texts.js';
