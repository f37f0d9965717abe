// node-redis: RESP3, automatic pipelining, transactions, pub/sub, scan iterators, streams, a cache.
import { createClient } from 'redis';
import { assert, eventually, scenario, url } from './say.js';

scenario('node-redis', async () => {
  const redis = await createClient({ url, RESP: 3, clientSideCache: { ttl: 0, maxEntries: 0, evictPolicy: 'LRU' } }).connect();
  const other = await createClient({ url }).connect();

  const many = await Promise.all(Array.from({ length: 500 }, () => other.incr('n')));
  assert.equal(Math.max(...many), 500);

  assert.deepEqual(await other.multi().set('k', 'v').get('k').hSet('h', { a: 1, b: 2 }).exec(), ['OK', 'v', 2]);
  assert.deepEqual({ ...(await redis.hGetAll('h')) }, { a: '1', b: '2' });
  await other.watch('k');
  await redis.set('k', 'changed');
  await assert.rejects(other.multi().get('k').exec(), /watch/i);

  assert.equal(await redis.get('k'), 'changed');
  await other.set('k', 'again');
  await eventually(async () => assert.equal(await redis.get('k'), 'again'));

  const subscriber = await other.duplicate().connect();
  const heard = [];
  await subscriber.subscribe('news', (message) => heard.push(message));
  await subscriber.pSubscribe('room:*', (message, channel) => heard.push(`${channel} ${message}`));
  await other.publish('news', 'extra');
  await other.publish('room:7', 'hello');
  await eventually(() => assert.deepEqual(heard, ['extra', 'room:7 hello']));

  await Promise.all(Array.from({ length: 1000 }, (_, i) => other.set(`key:${i}`, i)));
  const seen = new Set();
  for await (const keys of other.scanIterator({ MATCH: 'key:*', COUNT: 100 })) keys.forEach((key) => seen.add(key));
  assert.equal(seen.size, 1000);

  await other.xGroupCreate('s', 'g', '0', { MKSTREAM: true });
  await other.xAdd('s', '1-1', { f: 'v' });
  const read = await other.xReadGroup('g', 'c', { key: 's', id: '>' }, { COUNT: 10 });
  assert.equal(read[0].messages[0].message.f, 'v');
  assert.equal(await other.xAck('s', 'g', '1-1'), 1);

  assert.equal(await other.eval('return #KEYS + #ARGV', { keys: ['a'], arguments: ['b', 'c'] }), 3);
  await other.geoAdd('places', [{ longitude: 13.4, latitude: 52.5, member: 'Berlin' }, { longitude: 11.6, latitude: 48.1, member: 'Munich' }]);
  assert.deepEqual(await other.geoSearch('places', { longitude: 13, latitude: 52 }, { radius: 100, unit: 'km' }), ['Berlin']);
});
