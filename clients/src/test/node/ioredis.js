// ioredis: pipelines, transactions, own commands in Lua, scan streams, pub/sub, streams, blocking.
import { Redis } from 'ioredis';
import { assert, eventually, port, scenario } from './say.js';

scenario('ioredis', async () => {
  const redis = new Redis({ port, host: '127.0.0.1' });
  const other = new Redis({ port, host: '127.0.0.1' });

  const counted = await redis.pipeline().set('n', 1).incr('n').lpush('n', 'x').get('n').exec();
  assert.equal(counted[1][1], 2);
  assert.match(counted[2][0].message, /WRONGTYPE/);
  assert.equal(counted[3][1], '2');

  await redis.watch('n');
  await other.incr('n');
  assert.equal(await redis.multi().incr('n').exec(), null);
  assert.deepEqual(await redis.multi().incr('n').get('n').exec(), [[null, 4], [null, '4']]);

  redis.defineCommand('atMost', {
    numberOfKeys: 1,
    lua: `local n = redis.call('INCR', KEYS[1])
          if n > tonumber(ARGV[1]) then redis.call('DECR', KEYS[1]) return 0 end
          return 1`,
  });
  assert.deepEqual([await redis.atMost('seats', 2), await redis.atMost('seats', 2), await redis.atMost('seats', 2)], [1, 1, 0]);

  await redis.mset(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key:${i}`, i])));
  const seen = new Set();
  for await (const keys of redis.scanStream({ match: 'key:*', count: 100 })) keys.forEach((key) => seen.add(key));
  assert.equal(seen.size, 1000);

  const subscriber = redis.duplicate();
  const heard = [];
  subscriber.on('message', (channel, message) => heard.push(`${channel} ${message}`));
  await subscriber.subscribe('news', 'weather');
  await other.publish('weather', 'sun');
  await eventually(() => assert.deepEqual(heard, ['weather sun']));

  await redis.xgroup('CREATE', 'jobs', 'workers', '$', 'MKSTREAM');
  const reading = redis.xreadgroup('GROUP', 'workers', 'w1', 'BLOCK', 5000, 'STREAMS', 'jobs', '>');
  const id = await other.xadd('jobs', '*', 'task', 'scale');
  assert.deepEqual(await reading, [['jobs', [[id, ['task', 'scale']]]]]);
  assert.equal(await other.xack('jobs', 'workers', id), 1);

  const popped = redis.blpop('queue', 5);
  await other.rpush('queue', 'a', 'b');
  assert.deepEqual(await popped, ['queue', 'a']);
  assert.deepEqual(await other.zadd('z', 1, 'a', 2, 'b').then(() => other.zrange('z', 0, -1, 'WITHSCORES')), ['a', '1', 'b', '2']);
  assert.equal(Buffer.compare(await other.set('bin', Buffer.from([0, 255, 10, 13])).then(() => other.getBuffer('bin')), Buffer.from([0, 255, 10, 13])), 0);
});
