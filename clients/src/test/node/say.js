// What the scenarios share: where the store is, and how they end.
import assert from 'node:assert/strict';

export const port = Number(process.env.LARDER_STORE_PORT);
export const url = `redis://127.0.0.1:${port}`;
export { assert };

/** Asks again until it holds, for ten seconds at most. */
export async function eventually(check) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Runs a scenario; what it leaves open does not keep the process. */
export function scenario(name, body) {
  const limit = setTimeout(() => fail(new Error('not done after 60 s')), 60_000);
  const fail = (error) => {
    console.error(error);
    process.exit(1);
  };
  body().then(() => {
    clearTimeout(limit);
    console.log(`${name}: done`);
    process.exit(0);
  }, fail);
}
