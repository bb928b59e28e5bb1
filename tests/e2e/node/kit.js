// What the runs of Twilio's client share: the client, checks, an application that it would call,
// handsets. Arguments: URL, AccountSid, AuthToken, two long numbers, the application's port, the
// command `twoway`.
'use strict';
const http = require('http');
const net = require('net');
const { execFile } = require('child_process');
const twilio = require('twilio');
const [base, sid, token, from, other, port, program] = process.argv.slice(2);
const app = `http://127.0.0.1:${port}`;

// As a program does that has another base URL in its settings, and nothing else.
function connect(user, secret, options) {
	const client = twilio(user, secret, options);
	for (const product of [client.api, client.messaging, client.lookups])
		product.baseUrl = base;
	return client;
}
const client = connect(sid, token);

let failures = 0;
function check(what, ok, got) {
	console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}${ok ? '' : ': ' + JSON.stringify(got)}`);
	failures += ok ? 0 : 1;
}
function same(what, expected, got) {
	check(what, expected === got, { expected, got });
}
// By the client's own class of errors, which applications catch.
async function refused(what, code, status, promise) {
	try {
		check(what, false, await promise);
	} catch (e) {
		check(
			what,
			e instanceof twilio.RestException &&
				e.code === code &&
				e.status === status &&
				e.moreInfo === `https://www.twilio.com/docs/errors/${code}`,
			{ name: e.name, code: e.code, status: e.status, message: e.message },
		);
	}
}
async function until(what, ask, ok) {
	let got;
	for (let i = 0; i < 300; i++) {
		got = await ask();
		if (ok(got)) {
			check(what, true);
			return got;
		}
		await new Promise((done) => setTimeout(done, 100));
	}
	check(what, false, got);
	return got;
}
function run(...words) {
	return new Promise((done) =>
		execFile(program, words, (error, out) => done(error ? '' : out)),
	);
}
// Somebody texts in; what came back, a text each.
async function handset(number, text, to = from) {
	const out = await run('handset', number, text, '--to', to, '--json', '--wait', '5');
	return out
		.split('\n')
		.filter(Boolean)
		.map((line) => JSON.parse(line).text);
}
// One request to the virtual network.
function network(request) {
	return new Promise((done, fail) => {
		const socket = net.connect(process.env.TWOWAY_SIM, () =>
			socket.write(JSON.stringify(request) + '\n'),
		);
		socket.on('error', fail);
		socket.once('data', (line) => {
			socket.destroy();
			const answer = JSON.parse(line);
			return answer.ok ? done(answer) : fail(new Error(answer.error));
		});
	});
}

// The application. Its answers are made by the client's own classes; each request is looked at by
// its own validator.
function twiml(write) {
	const answer = new twilio.twiml.MessagingResponse();
	write(answer);
	return [200, 'text/xml', answer.toString()];
}
const pages = {
	'/sms': (p) => twiml((r) => r.message(`You said ${p.Body}`)),
	'/two': () =>
		twiml((r) => {
			r.message({ action: '/action?of=first', method: 'GET' }, 'One & <two>');
			r.message({ to: '+447700900199' }).body('To somebody else');
		}),
	'/redirect': () =>
		twiml((r) => {
			r.message('Before');
			r.redirect({ method: 'GET' }, '/next?at=1');
			r.message('Never said');
		}),
	'/next': (p) => [200, 'text/plain; charset=utf-8', `Next, ${p.Body}`],
	'/plain': () => [200, 'text/plain', 'Plain'],
	'/quiet': () => [204],
	'/empty': () => twiml(() => {}),
	'/broken': () => [500, 'text/plain', 'Never said'],
	'/json': () => [200, 'application/json', '{"reply":"Never said"}'],
	'/fallback': (p) => twiml((r) => r.message(`From the fallback: ${p.ErrorCode}`)),
};
const heard = [];
const server = http.createServer((request, response) => {
	let body = '';
	request.on('data', (part) => {
		body += part;
	});
	request.on('end', () => {
		const signature = request.headers['x-twilio-signature'] || '';
		const path = request.url.split('?')[0];
		const posted = Object.fromEntries(new URLSearchParams(body));
		const params = {
			...Object.fromEntries(new URL(app + request.url).searchParams),
			...posted,
		};
		heard.push({
			path,
			params,
			method: request.method,
			url: request.url,
			token: request.headers['i-twilio-idempotency-token'],
			valid:
				twilio.validateRequest(
					token,
					signature,
					app + request.url,
					posted,
				) &&
				!twilio.validateRequest(
					'0'.repeat(32),
					signature,
					app + request.url,
					posted,
				),
		});
		const [status, type, text] = (pages[path] || (() => [204]))(params);
		response.writeHead(status, type ? { 'Content-Type': type } : {});
		response.end(text);
	});
});
// What came to a path, the oldest first.
function told(path, ok = () => true) {
	return heard.filter((h) => h.path === path && ok(h.params));
}

module.exports = {
	app,
	base,
	check,
	client,
	connect,
	from,
	handset,
	network,
	other,
	port,
	refused,
	run,
	same,
	server,
	sid,
	told,
	token,
	until,
	failed: () => failures > 0,
};
