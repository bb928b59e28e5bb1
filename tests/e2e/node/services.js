// Messaging services, scheduling, and what is told of states.
'use strict';
const {
	app,
	check,
	client,
	connect,
	from,
	network,
	other,
	refused,
	run,
	same,
	sid,
	told,
	until,
} = require('./kit.js');

const states = (path, message) =>
	told(path, (p) => p.MessageSid === message).map((h) => h.params.MessageStatus);

async function callbacks() {
	const to = '+447700900131';
	const made = await client.messages.create({
		to,
		from,
		body: 'Ready',
		statusCallback: `${app}/status?order=7&name=%C3%A9+x`,
	});
	await until(
		'its states are told',
		() => states('/status', made.sid),
		(s) => s.includes('delivered'),
	);
	same('sent, then delivered', 'sent,delivered', states('/status', made.sid).join());
	const all = told('/status', (p) => p.MessageSid === made.sid);
	check(
		'by its own validator they are from here',
		all.every((h) => h.valid),
		all,
	);
	check(
		'with what applications read',
		all.every(
			(h) =>
				h.method === 'POST' &&
				h.params.SmsSid === made.sid &&
				h.params.SmsStatus === h.params.MessageStatus &&
				h.params.To === to &&
				h.params.From === from &&
				h.params.AccountSid === sid &&
				h.params.ApiVersion === '2010-04-01' &&
				!('Body' in h.params) &&
				!('ErrorCode' in h.params) &&
				!('MessagingServiceSid' in h.params),
		),
		all[0],
	);
	check(
		'the query is as it was given',
		all.every((h) => h.url === '/status?order=7&name=%C3%A9+x'),
		all[0],
	);
	check('each has a token of its own', new Set(all.map((h) => h.token)).size === 2, all);

	await network({ op: 'handset', number: '+447700900132', state: 'unknown' });
	await network({ op: 'handset', number: '+447700900133', state: 'refused', code: 1 });
	for (const [number, expected, code] of [
		['+447700900132', 'sent,undelivered', '30005'],
		['+447700900133', 'failed', '30005'],
	]) {
		const m = await client.messages.create({
			to: number,
			from,
			body: 'x',
			statusCallback: `${app}/trouble`,
		});
		await until(
			`told: ${expected}`,
			() => states('/trouble', m.sid).join(),
			(s) => s === expected,
		);
		const last = told('/trouble', (p) => p.MessageSid === m.sid).pop();
		check(
			`with ${code}`,
			last &&
				last.valid &&
				last.params.ErrorCode === code &&
				last.params.ErrorMessage &&
				last.params.To === number,
			last,
		);
	}
}

async function service() {
	const made = await client.messaging.v1.services.create({
		friendlyName: 'Shop',
		smartEncoding: true,
		validityPeriod: 3600,
		statusCallback: `${app}/service`,
		stickySender: true,
	});
	check(
		'a service is created',
		/^MG[0-9a-f]{32}$/.test(made.sid) &&
			made.validityPeriod === 3600 &&
			made.accountSid === sid &&
			made.dateCreated instanceof Date &&
			!isNaN(made.dateCreated),
		made,
	);
	const one = client.messaging.v1.services(made.sid);
	await refused(
		'an empty service sends nothing',
		21704,
		400,
		client.messages.create({
			to: '+447700900125',
			messagingServiceSid: made.sid,
			body: 'x',
		}),
	);
	const [number] = await client.incomingPhoneNumbers.list({ phoneNumber: from });
	const joined = await one.phoneNumbers.create({ phoneNumberSid: number.sid });
	check(
		'a number joins it',
		joined.sid === number.sid &&
			joined.serviceSid === made.sid &&
			joined.countryCode === 'GB' &&
			joined.capabilities.join() === 'SMS',
		joined,
	);
	await refused('once', 21710, 409, one.phoneNumbers.create({ phoneNumberSid: number.sid }));
	const second = await client.messaging.v1.services.create({ friendlyName: 'Other' });
	await refused(
		'in one service',
		21712,
		409,
		client.messaging.v1
			.services(second.sid)
			.phoneNumbers.create({ phoneNumberSid: number.sid }),
	);
	same('it is listed', 1, (await one.phoneNumbers.list()).length);
	same('and fetched', from, (await one.phoneNumbers(number.sid).fetch()).phoneNumber);
	await refused(
		'a number of another one',
		21606,
		400,
		client.messages.create({
			to: '+447700900125',
			messagingServiceSid: made.sid,
			from: other,
			body: 'x',
		}),
	);

	const sent = await client.messages.create({
		to: '+447700900125',
		messagingServiceSid: made.sid,
		body: '“quoted”',
	});
	check(
		'a message is of the service',
		sent.messagingServiceSid === made.sid &&
			sent.status === 'accepted' &&
			sent.from === null &&
			sent.numSegments === '0',
		sent,
	);
	await until(
		'it leaves by its number',
		() => client.messages(sent.sid).fetch(),
		(m) => m.status === 'delivered' && m.from === from && m.numSegments === '1',
	);
	await until(
		'told to the service',
		() => states('/service', sent.sid),
		(s) => s.includes('delivered'),
	);
	same(
		'the choice of the number first',
		'queued,sent,delivered',
		states('/service', sent.sid).join(),
	);
	check(
		'and which service',
		told('/service').every((h) => h.valid && h.params.MessagingServiceSid === made.sid),
		told('/service')[0],
	);
	const own = await client.messages.create({
		to: '+447700900125',
		messagingServiceSid: made.sid,
		body: 'x',
		statusCallback: `${app}/own`,
	});
	await until(
		"the message's own URL goes before",
		() => states('/own', own.sid),
		(s) => s.join() === 'sent,delivered', // by the number that they know
	);
	return { made, one, number, second };
}

async function schedule({ made }) {
	const soon = (ms) => new Date(Date.now() + ms),
		at = soon(3600000);
	const order = (more) =>
		client.messages.create({
			to: '+447700900125',
			messagingServiceSid: made.sid,
			body: 'later',
			...more,
		});
	const later = await order({ scheduleType: 'fixed', sendAt: at });
	check(
		'a message is scheduled',
		later.status === 'scheduled' && later.dateSent === null,
		later,
	);
	same(
		'and canceled',
		'canceled',
		(await client.messages(later.sid).update({ status: 'canceled' })).status,
	);
	await until(
		'which is told',
		() => states('/service', later.sid).join(),
		(s) => s === 'canceled',
	);
	await refused(
		'once',
		30409,
		400,
		client.messages(later.sid).update({ status: 'canceled' }),
	);
	await refused(
		'not in a minute',
		35114,
		400,
		order({ scheduleType: 'fixed', sendAt: soon(60000) }),
	);
	await refused(
		'not in a year',
		35114,
		400,
		order({ scheduleType: 'fixed', sendAt: soon(365 * 86400000) }),
	);
	await refused('not without a time', 35111, 400, order({ scheduleType: 'fixed' }));
	await refused('not without its type', 35119, 400, order({ sendAt: at }));
	await refused(
		'not without a service',
		35118,
		400,
		client.messages.create({
			to: '+447700900125',
			from,
			body: 'x',
			scheduleType: 'fixed',
			sendAt: at,
		}),
	);
}

async function end({ made, one, number, second }) {
	same(
		'a service is renamed',
		'Till',
		(await one.update({ friendlyName: 'Till' })).friendlyName,
	);
	const list = await client.messaging.v1.services.list({ pageSize: 1 });
	check(
		'services are listed, over pages',
		list.length === 2 && list.some((s) => s.friendlyName === 'Till'),
		list,
	);
	same('a number leaves', true, await one.phoneNumbers(number.sid).remove());
	same('a service goes', true, await one.remove());
	same('and the other', true, await client.messaging.v1.services(second.sid).remove());
	await refused('and is gone', 20404, 404, one.fetch());
	await refused(
		'nobody sends by it',
		21701,
		400,
		client.messages.create({
			to: '+447700900125',
			messagingServiceSid: made.sid,
			body: 'x',
		}),
	);
}

// Tokens of a program, in the place of the account's own.
async function keys() {
	const key = async (name, scope) => {
		const out = JSON.parse(await run('token', 'add', name, '--scope', scope, '--json'));
		return connect(out.sid || out.id, out.secret, { accountSid: sid });
	};
	const sender = await key('sender', 'send,read'),
		reader = await key('reader', 'read');
	const made = await sender.messages.create({ to: '+447700900123', from, body: 'by key' });
	same('a key sends', sid, made.accountSid);
	same('another reads', made.sid, (await reader.messages(made.sid).fetch()).sid);
	await refused(
		'and does not send',
		20403,
		403,
		reader.messages.create({ to: '+447700900123', from, body: 'x' }),
	);
	await refused(
		'a wrong secret',
		20003,
		401,
		connect(sid, '0'.repeat(32)).messages.list({ limit: 1 }),
	);
	await refused(
		"somebody else's account",
		20003,
		401,
		connect(`AC${'0'.repeat(32)}`, '0'.repeat(32)).messages.list({ limit: 1 }),
	);
}

module.exports = async function services() {
	await callbacks();
	const it = await service();
	await schedule(it);
	await end(it);
	await keys();
};
