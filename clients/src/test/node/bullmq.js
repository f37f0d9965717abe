// BullMQ: a queue of jobs made of Lua scripts, streams and sorted sets.
import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq';
import { assert, eventually, port, scenario } from './say.js';

scenario('BullMQ', async () => {
  const connection = { host: '127.0.0.1', port };
  const queue = new Queue('pictures', { connection });
  const events = new QueueEvents('pictures', { connection });
  await events.waitUntilReady();
  let attempts = 0;
  const worker = new Worker(
    'pictures',
    async (job) => {
      if (job.name === 'flaky' && ++attempts < 3) throw new Error('not yet');
      await job.updateProgress(50);
      return job.data.n * 2;
    },
    { connection, concurrency: 4 },
  );
  await worker.waitUntilReady();

  const jobs = await queue.addBulk(Array.from({ length: 50 }, (_, n) => ({ name: 'double', data: { n } })));
  const results = await Promise.all(jobs.map((job) => job.waitUntilFinished(events, 30_000)));
  assert.deepEqual(results, Array.from({ length: 50 }, (_, n) => n * 2));

  const flaky = await queue.add('flaky', { n: 21 }, { attempts: 5, backoff: { type: 'fixed', delay: 20 } });
  assert.equal(await flaky.waitUntilFinished(events, 30_000), 42);
  assert.equal(attempts, 3);

  const late = await queue.add('late', { n: 1 }, { delay: 100, priority: 3 });
  assert.equal(await late.getState(), 'delayed');
  assert.equal(await late.waitUntilFinished(events, 30_000), 2);

  const failing = await queue.add('flaky', { n: null }, { removeOnFail: false, attempts: 1 });
  await failing.waitUntilFinished(events, 30_000);

  const flow = await new FlowProducer({ connection }).add({
    name: 'parent',
    queueName: 'pictures',
    data: { n: 5 },
    children: [{ name: 'child', queueName: 'pictures', data: { n: 6 } }],
  });
  assert.equal(await flow.job.waitUntilFinished(events, 30_000), 10);
  await eventually(async () => assert.equal((await queue.getJobCounts('active', 'waiting', 'delayed')).active, 0));
  const counts = await queue.getJobCounts('completed', 'failed');
  assert.equal(counts.completed, 55);
  await queue.obliterate({ force: true });
  assert.equal((await queue.getJobCounts('completed')).completed, 0);
});
