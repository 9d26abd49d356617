// Sign-in with the issuer that the deployment names. The screens know only the three functions below.

const settings = JSON.parse(document.getElementById("settings").textContent);

// signInOffered says whether the deployment names an issuer for people.
export function signInOffered() {
  return settings.signIn !== null;
}

// signIn leaves this page for the issuer's. It returns only if that fails, by throwing an Error for people.
export async function signIn() {
  throw new Error("No issuer is set.");
}

// completeSignIn is called once, when the page loads. It returns the access token if the issuer has just sent
// the person back, null if it has not, and throws an Error for people if the sign-in failed.
export async function completeSignIn() {
  return null;
}
