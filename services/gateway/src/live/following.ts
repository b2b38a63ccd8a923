import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { Projector } from '../projections/projector.js';
import type { LogFeed } from './log-feed.js';

/** Starts following the log with the application, and ends it first: live streams would keep the server open. */
export class Following implements OnModuleInit, OnModuleDestroy {
  constructor(
    private readonly feed: LogFeed,
    private readonly projector: Projector,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.feed.start();
    this.projector.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.feed.stop(), this.projector.stop()]);
  }
}
