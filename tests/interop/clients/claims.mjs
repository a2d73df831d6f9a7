// Claims, one a line; and what the driver of a client says in its environment.
export const given = JSON.parse(process.env.GIVEN);

export function claim(what, isTrue, seen) {
  console.log((isTrue ? 'ok    ' : 'WRONG ') + what);
  if (isTrue) return;
  if (seen !== undefined) console.log('      seen:', seen);
  process.exitCode = 1;
}

export async function refused(what, act, check) {
  try {
    claim(`${what}: should be refused`, false, await act());
  } catch (error) {
    claim(what, check(error), error);
  }
}

/** Tells the driver to move the authority's clock, and waits until it has. */
export async function advance(duration) {
  const reply = await fetch(`${given.base}/_sandbox/advance`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ by: duration }) });
  if (!reply.ok) throw new Error(`advance: ${reply.status}`);
}
