// connect-redis: sessions of an Express application.
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import { assert, scenario, url } from './say.js';

scenario('connect-redis', async () => {
  const client = await createClient({ url }).connect();
  const store = new RedisStore({ client, prefix: 'app:', ttl: 100 });
  const app = express();
  app.use(session({ store, resave: false, saveUninitialized: false, secret: 'of a test' }));
  app.get('/visit', (request, response) => {
    request.session.visits = (request.session.visits ?? 0) + 1;
    response.json(request.session.visits);
  });
  app.get('/leave', (request, response) => request.session.destroy(() => response.json('gone')));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const page = (path, cookie) => fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: cookie ? { cookie } : {} });

  const first = await page('/visit');
  const cookie = first.headers.get('set-cookie').split(';')[0];
  assert.equal(await first.json(), 1);
  assert.equal(await (await page('/visit', cookie)).json(), 2);
  assert.equal(await (await page('/visit')).json(), 1);
  assert.equal(await store.length(), 2);
  assert.equal((await store.all()).length, 2);
  const ids = await store.ids();
  const ttl = await client.ttl(`app:${ids[0]}`);
  assert.ok(ttl > 0 && ttl <= 100, `ttl ${ttl}`);
  assert.equal(await (await page('/leave', cookie)).json(), 'gone');
  assert.equal(await store.length(), 1);
  await store.clear();
  assert.equal(await store.length(), 0);
});
