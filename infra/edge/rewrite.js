// API Gateway cannot route a variable and a literal in one path segment, so the contract's
// custom methods (POST /v1/secrets/{id}:undelete) have slash routes behind the gateway. This
// function, a CloudFront viewer-request function, maps the one to the other. Clients send the
// colon as it is or as %3A; CloudFront hands the path over as the client spelled it.
//
// Only POST: a GET of {id}:undelete must reach get-secret, where such an id names nothing.
var onSecret = /^(\/v1\/secrets\/[^\/]+)(?::|%3[Aa])(undelete)$/;
var onVersion = /^(\/v1\/secrets\/[^\/]+\/versions\/[^\/]+)(?::|%3[Aa])(enable|disable|destroy|access)$/;

// A secret's name may have any character, so a client percent-encodes it, as one segment. The gateway would read
// some of that as what it is not (see below). So for the gateway each percent sign is a tilde, and what else
// could mean something is encoded, too; access-named-version decodes it. The path has no other spelling.
var names = /^\/v1\/names\//;
var onName = /^(\/v1\/names\/)((?:[^\/%]|%[0-9A-Fa-f]{2})+)(\/versions\/(?:[^\/%]|%(?!2[5Ff]|3[Ff])[0-9A-Fa-f]{2})+)(?::|%3[Aa])(access)$/;
var marks = /[^\w%\u0080-\uffff-]/g;

// No other name of the API has a slash, a question mark or a percent sign in it. The gateway decodes a path
// before it routes it, and once more after, so these would be read as what they are not: the id
// sec_1%2Fversions as a secret's versions, %253A as a colon. They go where no route is: 404.
var misread = /%(?:2[5Ff]|3[Ff]|(?![0-9A-Fa-f]{2}))/;
var nowhere = '/nowhere';

function encoded(mark) {
  return '%' + mark.charCodeAt(0).toString(16);
}

function handler(event) {
  var request = event.request;
  var parts = request.method === 'POST' ? onName.exec(request.uri) : null;
  if (parts) {
    request.uri = parts[1] + parts[2].replace(marks, encoded).replace(/%/g, '~') + parts[3] + '/' + parts[4];
  } else if (misread.test(request.uri) || names.test(request.uri)) {
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
