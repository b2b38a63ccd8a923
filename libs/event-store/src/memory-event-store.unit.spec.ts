import { describeEventStore } from './event-store.contract.spec.js';
import { MemoryEventStore } from './memory-event-store.js';
import { sampleRegistry } from './sample-events.spec.js';

describeEventStore('MemoryEventStore', () =>
  Promise.resolve({ store: new MemoryEventStore(sampleRegistry), sealAll: () => Promise.resolve() }),
);
