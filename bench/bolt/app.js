// The least that a Bolt app can do: it verifies and acknowledges direct messages and answers nothing.
// Writes "port=NUMBER" to standard error when it listens.
const { App } = require('@slack/bolt');

const app = new App({
  signingSecret: process.env.SLACK_SIGNING_SECRET,
  authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0BEAVER1', botUserId: 'U0BEAVER1' }),
  logLevel: 'error',
});

app.message(async () => {});

app.start({ port: 0, host: '127.0.0.1' }).then((server) => {
  console.error(`port=${server.address().port}`);
});
