export * from './calendar.js';
export * from './cron.js';
export * from './start-rules.js';
export * from './start-texts.js';
export * from './catch-up.js';
export * from './cron.js';
export * from './upcoming.js';
