export {
  ObjectStorage,
  ObjectStorageError,
  readObjectStorageSettings,
  type ObjectStorageCode,
  type ObjectStorageSettings,
} from './object-storage.js';
