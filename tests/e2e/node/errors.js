// Refusals, by the codes that applications branch on.
'use strict';
const { client, from, refused } = require('./kit.js');

const create = (more) => client.messages.create({ to: '+447700900123', from, body: 'x', ...more });

module.exports = async function errors() {
	const rows = [
		['a number that cannot be', 21211, { to: '123' }],
		['a word for a number', 21211, { to: 'nobody' }],
		['a sender that cannot be', 21212, { from: '+44' }],
		['a sender of somebody else', 21606, { from: '+447700900999' }],
		['to oneself', 21266, { to: from }],
		['no text', 21602, { body: undefined }],
		['an empty text', 21602, { body: '' }],
		['no sender', 21603, { from: undefined }],
		['no URL', 21609, { statusCallback: 'shop' }],
		['a host with an underscore', 21609, { statusCallback: 'http://my_shop/x' }],
		['a text too long', 21617, { body: 'x'.repeat(1601) }],
		['a picture', 21621, { mediaUrl: ['http://h/x.png'] }],
		['a validity beyond ten hours', 21624, { validityPeriod: 36001 }],
		['no validity', 21624, { validityPeriod: 0 }],
		[
			'a service that is not there',
			21701,
			{ from: undefined, messagingServiceSid: `MG${'0'.repeat(32)}` },
		],
		['content of theirs', 21655, { contentSid: `HX${'0'.repeat(32)}` }],
	];
	for (const [what, code, more] of rows) await refused(what, code, 400, create(more));
	const none = `SM${'0'.repeat(32)}`;
	await refused('a message that is not there', 20404, 404, client.messages(none).fetch());
	await refused(
		'is not changed',
		20404,
		404,
		client.messages(none).update({ status: 'canceled' }),
	);
	await refused(
		'a number that is not there',
		20404,
		404,
		client.incomingPhoneNumbers(`PN${'0'.repeat(32)}`).fetch(),
	);
	await refused('what nobody has here', 20404, 404, client.calls.list({ limit: 1 }));
};
