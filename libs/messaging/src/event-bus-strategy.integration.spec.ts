import 'reflect-metadata';
import { Controller, Injectable, Module, type INestMicroservice, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { eventually } from '@m3/testing';
import type { RecordedEvent } from '@m3/contracts';
import { Fixture, jobOf, workDone, workRequested } from './bus-fixture.spec.js';
import type { Delivery, InboxMessage } from './consumer.js';
import { Unprocessable } from './errors.js';
import { EventBusStrategy } from './event-bus-strategy.js';
import { HandleEvent, HandleInbox } from './handle-event.js';

@Injectable()
class Seen {
  readonly lines: string[] = [];
}

@Controller()
class Work {
  constructor(private readonly seen: Seen) {}

  @HandleEvent(workRequested, { concurrency: 2 })
  async requested(event: RecordedEvent, delivery: Delivery): Promise<void> {
    if (jobOf(event) === 'poison') throw new Unprocessable('bad_job', 'the job is poisoned');
    await Promise.resolve(this.seen.lines.push(`requested ${jobOf(event)} to ${delivery.consumer}`));
  }

  @EventPattern('work.WorkDone')
  async done(event: RecordedEvent): Promise<void> {
    await Promise.resolve(this.seen.lines.push(`done ${jobOf(event)}`));
  }

  @HandleInbox('version.tagged')
  async tagged({ subject, bytes }: InboxMessage): Promise<void> {
    await Promise.resolve(this.seen.lines.push(`${subject} ${bytes.length}`));
  }

  @MessagePattern('something else')
  ask(): string {
    return 'answered on another transport';
  }
}

@Controller()
class WorkAgain {
  @HandleEvent(workDone)
  async first(): Promise<void> {
    await Promise.resolve();
  }

  @EventPattern('work.WorkDone')
  second(event: RecordedEvent): void {
    throw new Error(`never called, but for ${jobOf(event)}`);
  }
}

@Controller()
class Mistyped {
  @EventPattern('WorkDone')
  handle(event: RecordedEvent): void {
    throw new Error(`never called, but for ${jobOf(event)}`);
  }
}

describe('the strategy', () => {
  let fixture: Fixture;
  let app: INestMicroservice | undefined;
  beforeEach(async () => {
    fixture = await Fixture.open();
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await fixture.close();
  });

  async function listen(
    controller: Type,
  ): Promise<{ readonly seen: Seen; readonly replica: ReturnType<Fixture['make']> }> {
    const replica = fixture.make('worker');
    @Module({ controllers: [controller], providers: [Seen] })
    class App {}
    app = await NestFactory.createMicroservice(App, {
      strategy: replica.bus.strategy,
      logger: false,
      abortOnError: false,
    });
    await app.listen();
    return { seen: app.get(Seen), replica };
  }

  it('gives events and messages to the methods that ask for them', async () => {
    const { seen, replica } = await listen(Work);
    await eventually('the bus is connected', () => replica.bus.connected);
    await fixture.request(replica.store, 'a', 'poison');
    await fixture.doOnce(replica.store, 'a');
    await fixture.tag('version.tagged.demo', '{}');
    await eventually('all came', () => seen.lines.length >= 3);
    expect(new Set(seen.lines)).toEqual(
      new Set(['requested a to worker-WorkRequested', 'done a', 'version.tagged.demo 2']),
    );
  });

  it('sees what a method threw', async () => {
    const { replica } = await listen(Work);
    await fixture.request(replica.store, 'poison');
    const letters = await eventually('the letter is recorded', () => fixture.deadLetters(), {
      until: (all) => all.length > 0,
    });
    expect(letters).toEqual([expect.objectContaining({ code: 'bad_job', reason: 'the job is poisoned', attempts: 1 })]);
  });

  it('listens although the bus is not there', async () => {
    await fixture.killBus();
    const { seen, replica } = await listen(Work);
    await fixture.request(replica.store, 'a');
    await eventually('it came', () => seen.lines.length > 0);
  });

  it('refuses two methods for one pattern', async () => {
    await expect(listen(WorkAgain)).rejects.toThrow('two handlers are declared for work.WorkDone');
  });

  it('refuses a pattern that no message can have', async () => {
    await expect(listen(Mistyped)).rejects.toThrow('"WorkDone" is not a pattern of the event bus');
  });

  it('refuses a limit that is none', () => {
    const strategy = new EventBusStrategy({ start: () => undefined, stop: () => Promise.resolve() });
    const add = () => strategy.addHandler('work.WorkDone', () => Promise.resolve(), true, { concurrency: 0 });
    expect(add).toThrow('concurrency of a handler must be a whole number above 0, not 0');
  });
});
