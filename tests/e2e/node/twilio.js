// What Twilio's own client for Node finds here. Arguments: URL, AccountSid, AuthToken, a long number, the
// port of its webhook. A line a check; ends 1 when one fails.
'use strict';
const http = require('http');
const twilio = require('twilio');
const [base, sid, token, from, port] = process.argv.slice(2);

const client = twilio(sid, token);
for (const product of [client.api, client.messaging, client.lookups])
	product.baseUrl = base;

let failures = 0;
function check(what, ok, got) {
	console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}${ok ? '' : ': ' + JSON.stringify(got)}`);
	failures += ok ? 0 : 1;
}
function same(what, expected, got) {
	check(what, expected === got, { expected, got });
}
async function refused(what, code, status, promise) {
	try {
		const got = await promise;
		check(what, false, got);
	} catch (e) {
		check(what, e.code === code && e.status === status && e.name !== 'TypeError',
		      { code: e.code, status: e.status, message: e.message });
	}
}
async function until(what, ask, ok) {
	let got;
	for (let i = 0; i < 100; i++) {
		got = await ask();
		if (ok(got))
			return check(what, true);
		await new Promise((done) => setTimeout(done, 100));
	}
	check(what, false, got);
}

// The application that Twilio would call: its own validator looks at each request.
const heard = [];
const server = http.createServer((request, response) => {
	let body = '';
	request.on('data', (part) => { body += part; });
	request.on('end', () => {
		const params = Object.fromEntries(new URLSearchParams(body));
		const url = `http://127.0.0.1:${port}${request.url}`;
		const valid = twilio.validateRequest(token, request.headers['x-twilio-signature'] || '', url, params);
		heard.push({ path: request.url, params, valid });
		if (!request.url.startsWith('/sms')) {
			response.writeHead(204);
			return response.end();
		}
		const answer = new twilio.twiml.MessagingResponse();
		answer.message(`You said ${params.Body}`);
		response.writeHead(200, { 'Content-Type': 'text/xml' });
		response.end(answer.toString());
	});
});

async function messages() {
	const made = await client.messages.create({ to: '+447700900123', from, body: 'Grüße & 1+1=2' });
	check('a message is created', /^SM[0-9a-f]{32}$/.test(made.sid), made.sid);
	check('its dates are dates', made.dateCreated instanceof Date && !isNaN(made.dateCreated), made.dateCreated);
	same('its account is told', sid, made.accountSid);
	same('its segments are a text', 'string', typeof made.numSegments);
	await until('it is delivered', () => client.messages(made.sid).fetch(), (m) => m.status === 'delivered');
	const fetched = await client.messages(made.sid).fetch();
	same('its text is its own', 'Grüße & 1+1=2', fetched.body);
	same('nothing is wrong with it', null, fetched.errorCode);
	for (let i = 0; i < 5; i++)
		await client.messages.create({ to: '+447700900124', from, body: `number ${i}` });
	const all = await client.messages.list({ to: '+447700900124', pageSize: 2, limit: 50 });
	same('a list goes over its pages', 'number 4,number 3,number 2,number 1,number 0',
	     all.map((m) => m.body).join());
	const page = await client.messages.page({ to: '+447700900124', pageSize: 2 });
	same('a page has its size', 2, page.instances.length);
	const next = await page.nextPage();
	same('and a next one', 'number 2', next.instances[0].body);
	same('which leads back', 'number 4', (await next.previousPage()).instances[0].body);
	const none = await client.messages.list({ dateSentBefore: new Date('2020-01-01') });
	same('a filter by time', 0, none.length);

	const redacted = await client.messages(made.sid).update({ body: '' });
	same('a text is taken back', '', redacted.body);
	same('a message is deleted', true, await client.messages(made.sid).remove());
	await refused('and is gone', 20404, 404, client.messages(made.sid).fetch());
	same('there is no media', 0, (await client.messages(all[0].sid).media.list()).length);
}

async function services() {
	const made = await client.messaging.v1.services.create({ friendlyName: 'Shop', smartEncoding: true,
		validityPeriod: 3600, statusCallback: `http://127.0.0.1:${port}/service` });
	check('a service is created', /^MG[0-9a-f]{32}$/.test(made.sid) && made.validityPeriod === 3600, made);
	const numbers = await client.incomingPhoneNumbers.list({ phoneNumber: from });
	same('a number is found', from, numbers[0].phoneNumber);
	const service = client.messaging.v1.services(made.sid);
	await refused('an empty service sends nothing', 21704, 400,
		      client.messages.create({ to: '+447700900125', messagingServiceSid: made.sid, body: 'x' }));
	same('a number joins it', numbers[0].sid,
	     (await service.phoneNumbers.create({ phoneNumberSid: numbers[0].sid })).sid);
	await refused('once', 21710, 409, service.phoneNumbers.create({ phoneNumberSid: numbers[0].sid }));
	same('it is listed', 1, (await service.phoneNumbers.list()).length);
	const sent = await client.messages.create({ to: '+447700900125', messagingServiceSid: made.sid,
		body: '“quoted”' });
	same('a message is of the service', made.sid, sent.messagingServiceSid);
	await until('it leaves by its number', () => client.messages(sent.sid).fetch(),
		    (m) => m.status === 'delivered' && m.from === from);

	const later = await client.messages.create({ to: '+447700900125', messagingServiceSid: made.sid,
		body: 'later', scheduleType: 'fixed', sendAt: new Date(Date.now() + 3600000) });
	same('a message is scheduled', 'scheduled', later.status);
	same('and canceled', 'canceled', (await client.messages(later.sid).update({ status: 'canceled' })).status);
	await refused('once', 30409, 400, client.messages(later.sid).update({ status: 'canceled' }));

	same('a service is renamed', 'Till', (await service.update({ friendlyName: 'Till' })).friendlyName);
	same('services are listed', 'Till', (await client.messaging.v1.services.list())[0].friendlyName);
	same('a number leaves', true, await service.phoneNumbers(numbers[0].sid).remove());
	same('a service goes', true, await service.remove());
	await refused('and is gone', 20404, 404, service.fetch());
}

async function numbers() {
	const [number] = await client.incomingPhoneNumbers.list();
	const set = await client.incomingPhoneNumbers(number.sid).update({ friendlyName: 'till',
		smsUrl: `http://127.0.0.1:${port}/sms?x=1`, smsMethod: 'POST' });
	same('a number is told its URL', `http://127.0.0.1:${port}/sms?x=1`, set.smsUrl);
	const looked = await client.lookups.v2.phoneNumbers('+447700900123').fetch();
	check('a number is looked up', looked.valid && looked.countryCode === 'GB' &&
	      looked.nationalFormat === '07700900123', looked);
	same('one that cannot be', false, (await client.lookups.v2.phoneNumbers('+4477').fetch()).valid);
	same('the account', 'active', (await client.api.v2010.accounts(sid).fetch()).status);
}

async function errors() {
	await refused('a number that cannot be', 21211, 400, client.messages.create({ to: '123', from, body: 'x' }));
	await refused('a sender of somebody else', 21606, 400,
		      client.messages.create({ to: '+447700900123', from: '+447700900999', body: 'x' }));
	await refused('no text', 21602, 400, client.messages.create({ to: '+447700900123', from }));
	await refused('a picture', 21621, 400,
		      client.messages.create({ to: '+447700900123', from, body: 'x', mediaUrl: ['http://h/x.png'] }));
	await refused('a text too long', 21617, 400,
		      client.messages.create({ to: '+447700900123', from, body: 'x'.repeat(1601) }));
	await refused('who has left', 21610, 400, client.messages.create({ to: '+447700900141', from, body: 'x' }));
	const stranger = twilio(sid, '0'.repeat(32));
	stranger.api.baseUrl = base;
	await refused('a wrong token', 20003, 401, stranger.messages.list({ limit: 1 }));
}

// handset: the shell texts in between, once the word is out.
async function inbound() {
	console.log('text');
	await until('a text is told', async () => heard.filter((h) => h.path.startsWith('/sms')), (h) => h.length > 0);
	const [told] = heard.filter((h) => h.path.startsWith('/sms'));
	check('by its own validator it is from here', told && told.valid, told);
	check('with its parameters', told && told.params.Body === 'ünknown + words' && told.params.To === from &&
	      told.params.From === '+447700900142' && told.params.AccountSid === sid &&
	      told.params.NumMedia === '0' && told.params.FromCountry === 'GB', told);
}

server.listen(Number(port), '127.0.0.1', async () => {
	try {
		await messages();
		await services();
		await numbers();
		await errors();
		await inbound();
	} catch (e) {
		check('no fault', false, String(e && e.stack || e));
	}
	server.close();
	server.closeAllConnections();
	process.exitCode = failures ? 1 : 0;
});
