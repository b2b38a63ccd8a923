export * from './calendar.js';
export * from './cron.js';
export * from './start-rules.js';
export * from './start-texts.js';
export * from './target-snapshot.js';
