// An identity provider of another make for the tests: npm's oidc-provider, with several tenants in one process.
// Usage: node server.js PORT. A tenant has the issuer http://127.0.0.1:PORT/<name>; orders are JSON for POST /control/…:
//   tenant {name, client, secret, redirect, logout, conform}: make one; conform: claims only from userinfo
//   account {tenant, sub, claims}: a person; sign-in-as {tenant, sub}: who signs in and consents without being asked
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const port = Number(process.argv[2]);
const base = `http://127.0.0.1:${port}`;
const tenants = new Map();

// What a tenant stores. The one that oidc-provider brings is shared by all providers of a process.
function makeStore() {
  const rows = new Map();
  return class Store {
    constructor(model) {
      this.model = model;
    }
    key(id) {
      return `${this.model}:${id}`;
    }
    async upsert(id, payload) {
      rows.set(this.key(id), payload);
    }
    async find(id) {
      return rows.get(this.key(id));
    }
    async findByUid(uid) {
      return [...rows].find(([key, row]) => key.startsWith(`${this.model}:`) && row.uid === uid)?.[1];
    }
    async consume(id) {
      rows.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
    }
    async destroy(id) {
      rows.delete(this.key(id));
    }
    async revokeByGrantId(grantId) {
      for (const [key, row] of rows) if (row.grantId === grantId) rows.delete(key);
    }
  };
}

function makeTenant({ name, client, secret, redirect, logout, conform }) {
  const tenant = { accounts: new Map(), subject: "" };
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  tenant.provider = new Provider(`${base}/${name}`, {
    adapter: makeStore(),
    clients: [
      {
        client_id: client,
        client_secret: secret,
        redirect_uris: [redirect],
        ...(logout ? { backchannel_logout_uri: logout, backchannel_logout_session_required: true } : {}),
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: Boolean(conform),
    cookies: { keys: ["a key of the tests"] },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
    },
    // Without the guard of oidc-provider against addresses of this machine: that is where the tests listen.
    fetch: (url, { dispatcher: _guard, ...options }) => fetch(url, options),
    findAccount: (_ctx, sub) => {
      const claims = tenant.accounts.get(sub);
      return claims && { accountId: sub, claims: () => ({ sub, ...claims }) };
    },
    interactions: { url: (_ctx, interaction) => `/${name}/interaction/${interaction.uid}` },
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: `${name}-1` }] },
    pkce: { required: () => true },
  });
  tenant.provider.on("backchannel.error", (_ctx, problem) => console.error(problem));
  tenant.handle = tenant.provider.callback();
  tenants.set(name, tenant);
  return { issuer: `${base}/${name}` };
}

// Sign in and consent as the ordered subject, in one step; without one the person says no.
async function interact(tenant, request, response) {
  const { params, session } = await tenant.provider.interactionDetails(request, response);
  if (!tenant.subject) {
    const denied = { error: "access_denied", error_description: "The person said no" };
    return tenant.provider.interactionFinished(request, response, denied, { mergeWithLastSubmission: false });
  }
  const accountId = session?.accountId ?? tenant.subject;
  const grant = new tenant.provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const result = { login: { accountId }, consent: { grantId: await grant.save() } };
  return tenant.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const orders = {
  ready: () => ({}),
  tenant: makeTenant,
  account: ({ tenant, sub, claims }) => void tenants.get(tenant).accounts.set(sub, claims),
  "sign-in-as": ({ tenant, sub }) => void (tenants.get(tenant).subject = sub),
};

async function control(order, request, response) {
  let body = "";
  for await (const piece of request) body += piece;
  const answer = orders[order](body ? JSON.parse(body) : {}) ?? {};
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
}

const server = createServer((request, response) => {
  const [, name, ...rest] = request.url.split("?")[0].split("/");
  const tenant = tenants.get(name);
  const answered =
    name === "control"
      ? control(rest[0], request, response)
      : tenant === undefined
        ? response.writeHead(404).end()
        : rest[0] === "interaction"
          ? interact(tenant, request, response)
          : mount(tenant, name, request, response);
  Promise.resolve(answered).catch((problem) => {
    console.error(problem);
    if (!response.headersSent) response.writeHead(500).end();
  });
});

// oidc-provider builds its addresses from the part of originalUrl that is missing in url.
function mount(tenant, name, request, response) {
  request.originalUrl = request.url;
  request.url = request.url.slice(name.length + 1) || "/";
  return tenant.handle(request, response);
}

server.listen(port, "127.0.0.1");
