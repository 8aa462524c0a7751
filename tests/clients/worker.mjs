// Works as Camunda's own client for Node.js does, at the address it is given, and prints what it saw as one line of JSON.
import { BasicAuthInterceptor, Client } from "camunda-external-task-client-js";

const [baseUrl, username, password] = process.argv.slice(2);
const interceptors = new BasicAuthInterceptor({ username, password });
const client = new Client({ baseUrl, workerId: "node", interceptors, interval: 50, asyncResponseTimeout: 5000 });
const seen = { polls: 0, tasks: [], events: [] };

function finish(error) {
  client.stop();
  if (error) {
    seen.error = String(error.message ?? error);
  }
  console.log(JSON.stringify(seen));
  process.exit(error ? 1 : 0);
}

for (const event of ["extendLock", "handleFailure", "unlock"]) {
  client.on(`${event}:success`, () => seen.events.push(event));
}
client.on("poll:success", () => (seen.polls += 1));
client.on("poll:error", finish);
client.on("handler:error", finish);
setTimeout(() => finish(new Error("no second try came in time")), 20_000);

client.subscribe("surat", { lockDuration: 30_000, includeExtensionProperties: true }, async ({ task, taskService }) => {
  seen.tasks.push({ ...task, variables: task.variables.getAll() });
  await taskService.extendLock(task, 60_000);
  if (task.retries === null) {
    await taskService.handleFailure(task, { errorMessage: "mati", errorDetails: "rincian", retries: 1, retryTimeout: 0 });
  } else {
    await taskService.unlock(task);
    finish();
  }
});
