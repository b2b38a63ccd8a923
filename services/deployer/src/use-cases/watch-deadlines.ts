import {
  freezeEvents,
  publishEndings,
  publishEvents,
  targetEvents,
  type DomainEvent,
  type RecordedEvent,
} from '@m3/contracts';
import { atOnce, Deadlines, eventsIn, untilNews, type DeadlineChange, type LookAgain, type News } from '@m3/process';
import type { ServiceRuntime } from '@m3/service-kit';
import { after } from '../domain/deadlines.js';
import type { InStatus, PublishState } from '../domain/publish.state.js';
import type { AdvancePublish } from './advance-publish.js';
import type { BringTraffic } from './bring-traffic.js';
import { byTheClock } from './by-the-clock.js';
import { changesOf, isNews, newsIn, waitsFor } from './start-news.js';

const prefix = 'publish-';

type Watched = Pick<ServiceRuntime, 'pool' | 'store' | 'clock' | 'service'> & {
  readonly log: Pick<ServiceRuntime['log'], 'error'>;
};

/** Lets a publish know when the deadline of its step has passed, and when to look again whether it may start. */
export function watchDeadlines(
  { pool, store, clock, log, service }: Watched,
  publishes: Pick<AdvancePublish, 'react'>,
  traffic: Pick<BringTraffic, 'look'>,
): Deadlines {
  return new Deadlines({
    pool,
    store,
    service,
    types: watched.filter(matters).map(({ type }) => type),
    change: deadlineChange,
    onDue: async (publishId) => {
      const now = clock().toISOString();
      const state = await publishes.react(publishId, { type: 'DeadlinePassed' }, byTheClock(publishId, now));
      if (state.status === 'watching') await traffic.look(state);
      return lookAgain(state, now);
    },
    clock,
    onError: (error) => log.error({ err: error }, 'deadlines could not be looked at; trying again'),
  });
}

const watched = [...publishEvents, ...targetEvents, ...freezeEvents];
const isWatched = eventsIn<DomainEvent>(watched);

function matters({ type, schema }: (typeof watched)[number]): boolean {
  return waiting.has(type) || isNews(type) || withoutDeadline.has(type) || 'deadline_at' in schema.properties;
}

/** Often at first sight of a short share, not every second for a day: a limit that is broken is noticed soon either way. */
function secondsBetweenLooks({ shifted_at, watch_until }: InStatus<'watching'>): number {
  const watched = (Date.parse(watch_until) - Date.parse(shifted_at)) / 1000;
  return Math.min(Math.max(watched / 60, 1), 15);
}

/** A publish that still waits for people or for its start waits on, for its start as its last delay says. */
function lookAgain(state: PublishState, now: string): LookAgain | null {
  if (state.status === 'watching') return { lookAgainAt: after(now, secondsBetweenLooks(state)) };
  if (state.status === 'awaiting_approval') return { lookAgainAt: untilNews };
  return state.status === 'waiting_to_start' ? { lookAgainAt: state.resume_at ?? untilNews } : null;
}

/** Events that start a step with a deadline carry it; those that end or hold up a publish have none; others may be news. */
function deadlineChange({ stream, type, data }: RecordedEvent): DeadlineChange | News | null {
  const event = { type, data };
  if (!isWatched(event)) return null;
  const key = stream.slice(prefix.length);
  const wakes = newsIn(event.type, event.data);
  const looks = lookOf(event);
  if (looks) return { key, ...looks };
  if ('deadline_at' in data && typeof data.deadline_at === 'string') return { key, dueAt: data.deadline_at };
  return withoutDeadline.has(type) ? { key, dueAt: null, wakes } : { wakes };
}

/** What is looked at again before there is a deadline: as news come, or as time goes by. */
function lookOf(event: DomainEvent): Pick<DeadlineChange, 'dueAt' | 'wakesOn'> | null {
  if (event.type === 'TrafficShifted') return { dueAt: atOnce };
  if (event.type === 'StartDelayed') return { dueAt: event.data.resume_at ?? untilNews, wakesOn: waitsFor(event.data) };
  if (event.type === 'ApprovalRequested') return { dueAt: untilNews, wakesOn: changesOf(event.data.subject) };
  return null;
}

/** What waits for news, with or without a time. */
const waiting = new Set<string>(['StartDelayed', 'ApprovalRequested']);

const withoutDeadline = new Set<string>(['ApprovalWaived', 'SlotAwaited', ...publishEndings]);
