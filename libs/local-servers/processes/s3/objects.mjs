import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SUFFIX = '._S3rver_object';

/**
 * Objects as files, at the places where s3rver put them, so that a folder of an earlier release is still good. Each call
 * reads or writes at once: objects are small, and a way over other threads takes longer than the file.
 */
export class Objects {
  #dir;
  #writes = 0;

  constructor(dir) {
    this.#dir = dir;
  }

  makeBucket(bucket) {
    mkdirSync(join(this.#dir, bucket), { recursive: true });
  }

  hasBucket(bucket) {
    return statSync(join(this.#dir, bucket), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  /** Whole or not at all: a server that is killed leaves the object that was there. */
  put(bucket, key, content) {
    const path = this.#path(bucket, key);
    this.#writes += 1;
    const unfinished = join(dirname(path), `${process.pid}-${this.#writes}.unfinished`);
    try {
      writeFileSync(unfinished, content);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(unfinished, content);
    }
    renameSync(unfinished, path);
  }

  /** Undefined when there is no such object. */
  get(bucket, key) {
    try {
      return readFileSync(this.#path(bucket, key));
    } catch (error) {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  delete(bucket, key) {
    rmSync(this.#path(bucket, key), { force: true });
  }

  /** Keys with the prefix, in the order of their bytes. */
  keys(bucket, prefix) {
    const root = join(this.#dir, bucket);
    const folders = prefix.split('/').slice(0, -1);
    if (!folders.every(isName)) return [];
    const files = filesBelow(join(root, ...folders.map(encodeURIComponent)));
    const keys = files.filter((file) => file.endsWith(SUFFIX)).map((file) => keyOf(file.slice(root.length + 1)));
    return keys
      .filter((key) => key.startsWith(prefix))
      .map((key) => Buffer.from(key))
      .sort(Buffer.compare)
      .map(String);
  }

  #path(bucket, key) {
    return `${join(this.#dir, bucket, ...key.split('/').map(encodeURIComponent))}${SUFFIX}`;
  }
}

/** Whether an object can have this key: each part of it becomes the name of a folder or file. */
export function isKey(key) {
  return key.split('/').every(isName);
}

function isName(part) {
  return !['', '.', '..'].includes(part);
}

function keyOf(path) {
  return path.slice(0, -SUFFIX.length).split('/').map(decodeURIComponent).join('/');
}

function filesBelow(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
