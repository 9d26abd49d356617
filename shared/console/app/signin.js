// Sign-in at the issuer that the deployment names: OpenID Connect, authorization code with PKCE, as a public client.
// The token is returned and kept nowhere. What must survive the way to the issuer and back is in this tab's
// sessionStorage meanwhile, and is removed as soon as the page loads again.

const place = "keepsake.sign-in";
const { signIn: deployment } = JSON.parse(document.getElementById("settings").textContent);

// The address of a page that the issuer has sent somebody back to has the answer. It leaves the address, and the
// person is where the sign-in began, before anything is drawn.
const attempt = take();
const answer = new URLSearchParams(location.search);
if (answer.has("code") || answer.has("error")) {
  history.replaceState(null, "", attempt?.path ?? "/");
}

// signInOffered says whether the deployment names an issuer for people.
export function signInOffered() {
  return deployment !== null;
}

// signIn leaves the page for the issuer's. It returns only if the person comes back without an answer. It throws an
// Error with a text for people if the issuer cannot be asked.
export async function signIn() {
  const issuer = await describe();
  const begun = {
    state: random(), nonce: random(), verifier: random(),
    path: location.pathname + location.hash, tokens: issuer.token_endpoint,
    namesItself: issuer.authorization_response_iss_parameter_supported === true,
  };
  const address = secure(issuer.authorization_endpoint);
  const request = {
    response_type: "code", client_id: deployment.clientId, redirect_uri: here(), scope: deployment.scope,
    audience: deployment.audience, state: begun.state, nonce: begun.nonce,
    code_challenge: await challenge(begun.verifier), code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(request)) address.searchParams.set(name, value);
  sessionStorage.setItem(place, JSON.stringify(begun));
  const back = new Promise((resolve) => addEventListener("pageshow", resolve, { once: true }));
  location.assign(address);
  await back;
  take();
}

// completeSignIn returns the access token if the issuer has just sent the person back, and null if not. It throws an
// Error with a text for people if the sign-in has failed. Call it once.
export async function completeSignIn() {
  if (deployment === null || !(answer.has("code") || answer.has("error"))) return null;
  if (!attempt || answer.get("state") !== attempt.state) {
    throw new Error("This sign-in did not begin in this tab, or has been used already. Sign in again.");
  }
  if (answer.has("iss") ? answer.get("iss") !== deployment.issuer : attempt.namesItself) {
    throw new Error("This answer is not the issuer’s. Sign in again.");
  }
  if (answer.has("error")) {
    throw new Error(answer.get("error") === "access_denied"
      ? "The sign-in was cancelled, or you may not sign in here."
      : "The issuer refused the sign-in. The deployment may be set up wrongly.");
  }
  const tokens = await exchange(answer.get("code"));
  check(tokens.id_token);
  return tokens.access_token;
}

// take returns what signIn has left, and removes it.
function take() {
  const left = sessionStorage.getItem(place);
  sessionStorage.removeItem(place);
  return left && JSON.parse(left);
}

// here is the address that the issuer sends people back to.
function here() {
  return location.origin + "/";
}

// describe returns the issuer's own description.
async function describe() {
  const found = await ask(deployment.issuer.replace(/\/$/, "") + "/.well-known/openid-configuration");
  if (found?.issuer !== deployment.issuer || !found.authorization_endpoint || !found.token_endpoint) {
    throw new Error("The issuer does not describe itself as it should.");
  }
  return found;
}

// exchange returns what the issuer gives for a code.
async function exchange(code) {
  const tokens = await ask(secure(attempt.tokens), new URLSearchParams({
    grant_type: "authorization_code", code, redirect_uri: here(), client_id: deployment.clientId, code_verifier: attempt.verifier,
  }));
  if (!tokens?.access_token || tokens.token_type?.toLowerCase() !== "bearer") {
    throw new Error("The issuer did not accept the sign-in. Sign in again.");
  }
  return tokens;
}

// check refuses an identity that was issued for another sign-in. It came from the issuer itself, over TLS: its
// signature says no more. The service checks the access token's.
function check(identity) {
  if (identity === undefined && !deployment.scope.split(" ").includes("openid")) return;
  let claims = {};
  try {
    claims = JSON.parse(atob(identity.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    // It has no claims, and fails below.
  }
  if (claims.iss !== deployment.issuer || ![claims.aud].flat().includes(deployment.clientId) || claims.nonce !== attempt.nonce) {
    throw new Error("This answer belongs to another sign-in. Sign in again.");
  }
}

// ask returns the JSON that an address answers with; null if it is an error. Without a body it is a GET.
async function ask(address, body) {
  try {
    const response = await fetch(address, {
      method: body ? "POST" : "GET", body,
      cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer",
    });
    return response.ok ? await response.json() : null;
  } catch {
    throw new Error("The issuer cannot be reached.");
  }
}

// secure returns an address of the issuer's, and refuses one that is less safe than the issuer's own.
function secure(address) {
  const url = new URL(address);
  if (url.protocol !== "https:" && url.protocol !== new URL(deployment.issuer).protocol) {
    throw new Error("The issuer does not describe itself as it should.");
  }
  return url;
}

// random returns 256 random bits that a URL may have.
function random() {
  return encode(crypto.getRandomValues(new Uint8Array(32)));
}

// challenge is what an issuer is told of a verifier (RFC 7636).
async function challenge(verifier) {
  return encode(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function encode(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
