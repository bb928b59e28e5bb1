// Messages: create, fetch, list, page, redact, cancel, delete.
'use strict';
const { check, client, from, network, other, refused, run, same, until } = require('./kit.js');

async function create() {
	const made = await client.messages.create({
		to: '+447700900123',
		from,
		body: 'Grüße & 1+1=2',
	});
	check('a message is created', /^SM[0-9a-f]{32}$/.test(made.sid), made.sid);
	check(
		'its dates are dates',
		made.dateCreated instanceof Date && !isNaN(made.dateCreated),
		made.dateCreated,
	);
	check(
		'its first state',
		['queued', 'sending'].includes(made.status) && made.direction === 'outbound-api',
		made,
	);
	same('its segments are a text', '1', made.numSegments);
	same('its media too', '0', made.numMedia);
	same('no price is known', null, made.price);
	same('no service sent it', null, made.messagingServiceSid);
	check(
		'where it is',
		made.uri === `/2010-04-01/Accounts/${made.accountSid}/Messages/${made.sid}.json` &&
			made.subresourceUris.media.endsWith(`/${made.sid}/Media.json`),
		made,
	);
	await until(
		'it is delivered',
		() => client.messages(made.sid).fetch(),
		(m) => m.status === 'delivered',
	);
	const fetched = await client.messages(made.sid).fetch();
	same('its text is its own', 'Grüße & 1+1=2', fetched.body);
	same('nothing is wrong with it', null, fetched.errorCode);
	check(
		'when it was sent',
		fetched.dateSent >= fetched.dateCreated && fetched.dateUpdated >= fetched.dateSent,
		fetched,
	);
	same('there is no media', 0, (await client.messages(made.sid).media.list()).length);

	const long = await client.messages.create({
		to: '+447700900123',
		from,
		body: 'x'.repeat(161),
	});
	same('a long one has two segments', '2', long.numSegments);
	const wide = await client.messages.create({
		to: '+447700900123',
		from,
		body: '“' + 'x'.repeat(70),
	});
	same('one in UCS-2 as well', '2', wide.numSegments);
	const smart = await client.messages.create({
		to: '+447700900123',
		from,
		body: '“' + 'x'.repeat(70),
		smartEncoded: true,
	});
	same('unless it is encoded smartly', '1', smart.numSegments);
	// What a program of today sends beside it, and n8n's empty one.
	const more = await client.messages.create({
		to: '+447700900123',
		from,
		body: 'x',
		statusCallback: '',
		provideFeedback: true,
		attempt: 1,
		forceDelivery: true,
		riskCheck: 'disable',
		contentRetention: 'retain',
		addressRetention: 'retain',
		shortenUrls: false,
		maxPrice: 1,
	});
	check('what it does not know it bears', /^SM/.test(more.sid), more);
}

async function lists() {
	const since = new Date(Date.now() - 24 * 3600 * 1000),
		sent = [];
	for (let i = 0; i < 5; i++)
		sent.push(
			await client.messages.create({
				to: '+447700900124',
				from,
				body: `number ${i}`,
			}),
		);
	const bodies = (list) => list.map((m) => m.body).join();
	const all = await client.messages.list({ to: '+447700900124', pageSize: 2 });
	same(
		'a list goes over its pages',
		'number 4,number 3,number 2,number 1,number 0',
		bodies(all),
	);
	same(
		'and ends where it should',
		'number 4,number 3,number 2',
		bodies(await client.messages.list({ to: '+447700900124', pageSize: 2, limit: 3 })),
	);
	same(
		'a limit of thousands is borne',
		5,
		(await client.messages.list({ to: '+447700900124', limit: 5000 })).length,
	);
	const page = await client.messages.page({ to: '+447700900124', pageSize: 2 });
	same('a page has its size', 2, page.instances.length);
	same('before the first is none', undefined, await page.previousPage());
	// While it is read another one comes: nobody is seen twice.
	await client.messages.create({ to: '+447700900124', from, body: 'number 5' });
	const next = await page.nextPage();
	same('and a next one', 'number 2,number 1', bodies(next.instances));
	same(
		'which leads back',
		'number 4,number 3',
		bodies((await next.previousPage()).instances),
	);
	const last = await next.nextPage();
	same('and on to the last', 'number 0', bodies(last.instances));
	same('behind it is none', undefined, await last.nextPage());
	const each = [];
	await new Promise((done) =>
		client.messages.each({ to: '+447700900124', pageSize: 1, done }, (m) =>
			each.push(m.body),
		),
	);
	same('one after the other', 6, each.length);

	await until(
		'they have left',
		() => client.messages(sent[4].sid).fetch(),
		(m) => m.status === 'delivered',
	);
	same('a filter by sender', 0, (await client.messages.list({ from: other })).length);
	same(
		'by a day',
		5,
		(
			await client.messages.list({
				to: '+447700900124',
				dateSent: new Date(),
				limit: 5,
			})
		).length,
	);
	same(
		'from a time on',
		5,
		(
			await client.messages.list({
				to: '+447700900124',
				dateSentAfter: since,
				limit: 5,
			})
		).length,
	);
	same('until a time', 0, (await client.messages.list({ dateSentBefore: since })).length);
	same(
		'between two',
		5,
		(
			await client.messages.list({
				to: '+447700900124',
				dateSentAfter: since,
				dateSentBefore: new Date(Date.now() + 1000),
				limit: 5,
			})
		).length,
	);
}

async function ends() {
	const made = await client.messages.create({
		to: '+447700900126',
		from,
		body: 'Your PIN is 1234',
	});
	await until(
		'one that is over',
		() => client.messages(made.sid).fetch(),
		(m) => m.status === 'delivered',
	);
	same(
		'a text is taken back',
		'',
		(await client.messages(made.sid).update({ body: '' })).body,
	);
	same('and stays away', '', (await client.messages(made.sid).fetch()).body);
	same('a message is deleted', true, await client.messages(made.sid).remove());
	await refused('and is gone', 20404, 404, client.messages(made.sid).fetch());
	await refused('for good', 20404, 404, client.messages(made.sid).remove());

	// Nothing leaves while its modem is paused.
	await run('modems', 'pause', 'm0');
	const waits = await client.messages.create({ to: '+447700900126', from, body: 'waits' });
	same('one that waits', 'queued', waits.status);
	await refused('is not deleted', 20009, 409, client.messages(waits.sid).remove());
	await refused('nor redacted', 20009, 409, client.messages(waits.sid).update({ body: '' }));
	same(
		'but canceled',
		'canceled',
		(await client.messages(waits.sid).update({ status: 'canceled' })).status,
	);
	await refused(
		'once',
		30409,
		400,
		client.messages(waits.sid).update({ status: 'canceled' }),
	);
	same('and then deleted', true, await client.messages(waits.sid).remove());
	const short = await client.messages.create({
		to: '+447700900126',
		from,
		body: 'short',
		validityPeriod: 1,
	});
	const over = await until(
		'its time runs out',
		() => client.messages(short.sid).fetch(),
		(m) => m.status === 'failed',
	);
	same('by the code for that', 30036, over.errorCode);
	check(
		'in words',
		typeof over.errorMessage === 'string' && over.errorMessage.length > 5,
		over.errorMessage,
	);
	await run('modems', 'resume', 'm0');
}

async function troubles() {
	await network({ op: 'handset', number: '+447700900127', state: 'refused', code: 1 });
	await network({ op: 'handset', number: '+447700900128', state: 'unknown' });
	const rows = [
		['+447700900127', 'failed', 30005],
		['+447700900128', 'undelivered', 30005],
	];
	for (const [to, status, code] of rows) {
		const made = await client.messages.create({ to, from, body: 'x' });
		const m = await until(
			`one ends as ${status}`,
			() => client.messages(made.sid).fetch(),
			(got) => got.status === status,
		);
		same(`with ${code}`, code, m.errorCode);
	}
}

module.exports = async function messages() {
	await create();
	await lists();
	await ends();
	await troubles();
};
