// Stores its settings once, as an extension does when it is installed.
const api = globalThis.browser ?? chrome;
const SETTINGS = {
  apiKey: "",
  customOpenAiApiUrl: "https://api.openai.com",
  modelName: "старая модель",
  temperature: 0.5,
  maxTokens: 2000,
  sessions: 1700000000000,
  stream: true,
  apiMode: null,
  modes: ["a", { name: "б", active: false }, []],
  providerSecrets: { openai: "old", 7: "seven" },
  "\u007f": "a key that ends in a zero byte",
  "\u4100": "one more",
  "ключ 🔑": "значение 🔑 \u0000 \ud800",
  "": "no name",
  large: "ж".repeat(60000),
};
api.storage.local.get(null, (all) => {
  if (!Object.keys(all).length) api.storage.local.set(SETTINGS);
});
