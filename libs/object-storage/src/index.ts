export { ObjectStorageError, type ObjectStorageCode } from './errors.js';
export { ObjectStorage, readObjectStorageSettings, type ObjectStorageSettings } from './object-storage.js';
