/** Stops what jest.global-setup.mjs started; the folder goes with the process. */
export default async function tearDown() {
  await Promise.all((globalThis.m3TestServers ?? []).map((server) => server.stop()));
}
