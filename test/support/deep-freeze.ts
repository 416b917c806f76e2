/**
 * Freezes `value` and all below it. A Map has no frozen form, so its three ways to change are made to throw.
 */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) {
    return value;
  }
  if (value instanceof Map) {
    Object.assign(value, { set: refuse, delete: refuse, clear: refuse });
    for (const [key, item] of value) {
      deepFreeze(key);
      deepFreeze(item);
    }
  }
  for (const item of Object.values(value)) {
    deepFreeze(item);
  }
  return Object.freeze(value);
}

function refuse(): never {
  throw new TypeError('a frozen map cannot be changed');
}
