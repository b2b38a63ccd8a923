import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { currentFile, generationFolder, packageFile, type Current, type KeptRecord } from './layout.js';
import { osvRecordCheck, type OsvAffected, type OsvRecord } from './osv-record.js';
import { reasonOf } from './reason.js';
import type { severityOf } from './rating.js';

/** Why a folder was not imported; nothing was changed then. */
export class ImportRefused extends Error {
  constructor(
    readonly code: 'osv_folder_unreadable' | 'osv_empty' | 'osv_record_invalid' | 'osv_list_not_written',
    message: string,
    readonly file: string | null = null,
  ) {
    super(message);
    this.name = 'ImportRefused';
  }
}

const largestRecord = 8 * 1024 * 1024;

/**
 * Takes the OSV records of a folder (one JSON file each, at any depth) in as the new generation of a database. All or
 * nothing: a record that is not of the OSV format refuses the folder.
 * @throws ImportRefused
 */
export async function importDatabase(source: string, folder: string, now: Date): Promise<Current> {
  const files = await recordFiles(source);
  // The calculator is loaded just here: services that only read do without it in memory.
  const { severityOf: rate } = await import('./rating.js');
  const packages = new Map<string, KeptRecord[]>();
  const counts = { records: 0, newest: '', ecosystems: {} as Record<string, number> };
  for (const file of files) {
    const record = await readRecord(source, file);
    counts.records += 1;
    if (record.modified > counts.newest) counts.newest = record.modified;
    if (record.withdrawn === undefined) keep(record, { rate, packages, ecosystems: counts.ecosystems });
  }
  if (counts.records === 0) throw new ImportRefused('osv_empty', `${source} holds no OSV record (*.json)`);
  const current: Current = {
    generation: randomUUID(),
    imported_at: now.toISOString(),
    newest_record: counts.newest,
    records: counts.records,
    ecosystems: counts.ecosystems,
  };
  try {
    await write(folder, current, packages);
  } catch (error) {
    throw new ImportRefused('osv_list_not_written', `the list in ${folder} cannot be written: ${reasonOf(error)}`);
  }
  return current;
}

async function recordFiles(source: string): Promise<string[]> {
  try {
    const entries = await readdir(source, { recursive: true });
    return entries.filter((name) => name.endsWith('.json')).sort();
  } catch (error) {
    throw new ImportRefused('osv_folder_unreadable', `${source} cannot be read: ${reasonOf(error)}`);
  }
}

async function readRecord(source: string, file: string): Promise<OsvRecord> {
  const value = await readRecordFile(join(source, file), file);
  if (osvRecordCheck.Check(value)) return value;
  const [fault] = osvRecordCheck.Errors(value);
  const why = value === null ? 'it is not JSON, or too large' : `${fault?.path || 'it'} ${fault?.message ?? ''}`.trim();
  throw new ImportRefused('osv_record_invalid', `${file} is not an OSV record: ${why}`, file);
}

/** Null: it is not JSON, or too large. What is no file is no record. */
async function readRecordFile(path: string, file: string): Promise<unknown> {
  try {
    const { size } = await stat(path);
    return size > largestRecord ? null : parsed(await readFile(path, 'utf8'));
  } catch (error) {
    throw new ImportRefused('osv_record_invalid', `${file} cannot be read: ${reasonOf(error)}`, file);
  }
}

interface Kept {
  readonly rate: typeof severityOf;
  readonly packages: Map<string, KeptRecord[]>;
  readonly ecosystems: Record<string, number>;
}

function keep(record: OsvRecord, { rate, packages, ecosystems }: Kept): void {
  const { id, aliases = [], summary = '' } = record;
  for (const affected of record.affected ?? []) {
    if (!affected.package) continue;
    const { ecosystem, name } = affected.package;
    const file = packageFile(ecosystem, name);
    const { ranges, versions } = rangesOf(affected);
    const severity = rate(record, affected);
    const kept = { id, aliases, summary: summary.slice(0, 300), severity, ranges, versions };
    packages.set(file, [...(packages.get(file) ?? []), kept]);
    ecosystems[ecosystem] = (ecosystems[ecosystem] ?? 0) + 1;
  }
}

const rangesOf = ({ ranges = [], versions = [] }: OsvAffected) => ({ ranges, versions });

/** The new generation is complete before `current.json` names it; older ones but the last are then removed. */
async function write(folder: string, current: Current, packages: ReadonlyMap<string, KeptRecord[]>): Promise<void> {
  const generation = generationFolder(folder, current.generation);
  const before = await generations(folder);
  for (const [file, records] of packages) {
    const path = join(generation, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, JSON.stringify(records));
  }
  await mkdir(generation, { recursive: true });
  const next = `${currentFile(folder)}.${current.generation}`;
  const previous = await readFile(currentFile(folder), 'utf8').catch(() => '');
  await writeFile(next, JSON.stringify(current));
  await rename(next, currentFile(folder));
  // A reader may be in the middle of the one that was current until now.
  const unused = before.filter((name) => !previous.includes(name));
  await Promise.all(unused.map((name) => rm(generationFolder(folder, name), { recursive: true, force: true })));
}

async function generations(folder: string): Promise<string[]> {
  return readdir(join(folder, 'generations')).catch(() => []);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
