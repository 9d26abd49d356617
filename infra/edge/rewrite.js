// API Gateway cannot route a variable and a literal in one path segment, so the contract's
// custom methods (POST /v1/secrets/{id}:undelete) have slash routes behind the gateway. This
// function, a CloudFront viewer-request function, maps the one to the other. Clients send the
// colon as it is or as %3A; CloudFront hands the path over as the client spelled it.
//
// Only POST: a GET of {id}:undelete must reach get-secret, where such an id names nothing.
var onSecret = /^(\/v1\/secrets\/[^\/]+)(?::|%3[Aa])(undelete)$/;
var onVersion = /^(\/v1\/secrets\/[^\/]+\/versions\/[^\/]+)(?::|%3[Aa])(enable|disable|destroy|access)$/;

// No name of the API has a slash, a question mark or a percent sign in it. The gateway decodes a path
// before it routes it, and once more after, so these would be read as what they are not: the id
// sec_1%2Fversions as a secret's versions, %253A as a colon. They go where no route is: 404.
var misread = /%(?:2[5Ff]|3[Ff]|(?![0-9A-Fa-f]{2}))/;
var nowhere = '/nowhere';

function handler(event) {
  var request = event.request;
  if (misread.test(request.uri)) {
    request.uri = nowhere;
  } else if (request.method === 'POST') {
    request.uri = request.uri.replace(onSecret, '$1/$2').replace(onVersion, '$1/$2');
  }
  // Overwrites whatever the client sent, so that the audit trail can name the viewer.
  request.headers['x-viewer-address'] = { value: event.viewer.ip };
  // The gateway gets its own name as the host. A secret's html_url begins with the viewer's.
  request.headers['x-viewer-host'] = { value: request.headers.host.value };
  return request;
}
