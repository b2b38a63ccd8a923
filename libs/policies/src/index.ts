export * from './catch-up.js';
export * from './cron.js';
export * from './upcoming.js';
