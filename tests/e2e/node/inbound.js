// Texts that come in, told to the application, and what its answers do.
'use strict';
const {
	app,
	check,
	client,
	from,
	handset,
	network,
	other,
	refused,
	same,
	sid,
	told,
	until,
} = require('./kit.js');

let number;
const set = (more) =>
	client.incomingPhoneNumbers(number.sid).update({
		smsUrl: `${app}/sms?x=1`,
		smsMethod: 'POST',
		smsFallbackUrl: '',
		smsFallbackMethod: 'POST',
		...more,
	});

async function numbers() {
	[number] = await client.incomingPhoneNumbers.list({ phoneNumber: from });
	check(
		'a number is found',
		number.phoneNumber === from &&
			number.capabilities.sms === true &&
			number.capabilities.mms === false &&
			number.smsMethod === 'POST' &&
			number.smsUrl === '',
		number,
	);
	same('all are listed', 2, (await client.incomingPhoneNumbers.list({ pageSize: 1 })).length);
	const changed = await set({ friendlyName: 'till', smsFallbackUrl: `${app}/fallback` });
	check(
		'a number is told its URLs',
		changed.smsUrl === `${app}/sms?x=1` &&
			changed.smsFallbackUrl === `${app}/fallback` &&
			changed.friendlyName === 'till',
		changed,
	);
	same(
		'by its name it is found',
		from,
		(await client.incomingPhoneNumbers.list({ friendlyName: 'till' }))[0].phoneNumber,
	);
	same('an empty URL is taken back', '', (await set({})).smsFallbackUrl);
	same('fetched', number.sid, (await client.incomingPhoneNumbers(number.sid).fetch()).sid);
	await refused('no URL', 20001, 400, set({ smsUrl: 'ftp://h/x' }));
	const looked = await client.lookups.v2.phoneNumbers('+447700900123').fetch();
	check(
		'a number is looked up',
		looked.valid &&
			looked.countryCode === 'GB' &&
			looked.nationalFormat === '07700900123',
		looked,
	);
	same(
		'one that cannot be',
		false,
		(await client.lookups.v2.phoneNumbers('+4477').fetch()).valid,
	);
	const account = await client.api.v2010.accounts(sid).fetch();
	check('the account', account.status === 'active' && account.type === 'Full', account);
	await refused('nobody knows its balance', 20404, 404, client.balance.fetch());
}

async function text() {
	await set({});
	same(
		'its answer is the reply',
		'You said ünknown + words & 😀',
		(await handset('+447700900142', 'ünknown + words & 😀')).join('|'),
	);
	const [one] = told('/sms');
	check('by its own validator it is from here', one.valid && one.url === '/sms?x=1', one);
	check(
		'with its parameters',
		one.params.Body === 'ünknown + words & 😀' &&
			one.params.To === from &&
			one.params.From === '+447700900142' &&
			one.params.AccountSid === sid &&
			one.params.NumMedia === '0' &&
			one.params.NumSegments === '1' &&
			one.params.FromCountry === 'GB' &&
			one.params.SmsStatus === 'received' &&
			one.params.ApiVersion === '2010-04-01' &&
			one.params.SmsSid === one.params.MessageSid &&
			one.params.SmsMessageSid === one.params.MessageSid &&
			!('MessagingServiceSid' in one.params) &&
			!('OptOutType' in one.params),
		one,
	);
	const m = await client.messages(one.params.MessageSid).fetch();
	check(
		'the same is fetched',
		m.direction === 'inbound' &&
			m.status === 'received' &&
			m.to === from &&
			m.body === one.params.Body &&
			m.numSegments === '1',
		m,
	);
	const [reply] = await client.messages.list({ to: '+447700900142' });
	check(
		'its reply as well',
		reply.direction === 'outbound-reply' && reply.from === from,
		reply,
	);
	await handset('+447700900142', 'long '.repeat(40));
	const long = told('/sms').pop();
	check(
		'a long text comes whole',
		long.params.NumSegments === '2' && long.params.Body === 'long '.repeat(40),
		long.params,
	);
	await set({ smsMethod: 'GET' });
	same(
		'asked by GET',
		'You said a+b&c=d',
		(await handset('+447700900142', 'a+b&c=d')).join('|'),
	);
	const get = told('/sms').pop();
	check(
		'with the parameters in the URL, signed so',
		get.valid &&
			get.method === 'GET' &&
			get.params.x === '1' &&
			get.params.Body === 'a+b&c=d',
		get,
	);
}

async function answers() {
	await network({ op: 'handset', number: '+447700900199', state: 'on' });
	await set({ smsUrl: `${app}/two` });
	same('two verbs', 'One & <two>', (await handset('+447700900143', 'and two')).join('|'));
	await until(
		'a text to somebody else',
		() => client.messages.list({ to: '+447700900199' }),
		(l) =>
			l.length === 1 &&
			l[0].body === 'To somebody else' &&
			l[0].status === 'delivered',
	);
	await until(
		'what becomes of it goes to its action',
		() => told('/action'),
		(l) => l.length === 2,
	);
	const [action] = told('/action');
	check(
		'by the method that it names',
		action.valid &&
			action.method === 'GET' &&
			action.params.of === 'first' &&
			action.params.MessageStatus === 'sent',
		action,
	);
	await set({ smsUrl: `${app}/redirect` });
	same(
		'a redirection',
		'Before|Next, and on',
		(await handset('+447700900143', 'and on')).join('|'),
	);
	const next = told('/next').pop();
	check(
		'takes the parameters along',
		next.valid &&
			next.method === 'GET' &&
			next.params.at === '1' &&
			next.params.From === '+447700900143',
		next,
	);
	for (const [path, expected] of [
		['/plain', 'Plain'],
		['/quiet', ''],
		['/empty', ''],
	]) {
		await set({ smsUrl: app + path, smsFallbackUrl: `${app}/fallback` });
		same(
			`${path} is an answer`,
			expected,
			(await handset('+447700900144', `to ${path}`)).join('|'),
		);
	}
	const nobody = 'http://127.0.0.1:9/'; /* discard: nobody listens */
	for (const [url, code] of [
		[`${app}/broken`, '11200'],
		[`${app}/json`, '12300'],
		[nobody, '11205'],
	]) {
		await set({ smsUrl: url, smsFallbackUrl: `${app}/fallback` });
		same(
			`${code} is none`,
			`From the fallback: ${code}`,
			(await handset('+447700900145', `to ${code}`)).join('|'),
		);
		const fallback = told('/fallback').pop();
		check(
			'its fallback is told which',
			fallback.valid && fallback.params.ErrorUrl === url,
			fallback,
		);
	}
	same('another number has other URLs', 0, told('/sms', (p) => p.To === other).length);
}

async function leaving() {
	await set({});
	const before = told('/sms').length,
		send = () => client.messages.create({ to: '+447700900146', from, body: 'x' });
	await send();
	const left = await handset('+447700900146', 'STOP');
	check(
		'STOP is answered by the house',
		left.length === 1 && !/You said/.test(left[0]),
		left,
	);
	await until(
		'and told',
		() => told('/sms').length,
		(n) => n === before + 1,
	);
	const stop = told('/sms').pop();
	check(
		'as what it is',
		stop.valid && stop.params.OptOutType === 'STOP' && stop.params.Body === 'STOP',
		stop,
	);
	await refused('who has left is sent nothing', 21610, 400, send());
	await handset('+447700900146', 'START');
	same('START opens', 'START', told('/sms').pop().params.OptOutType);
	check('again', /^SM/.test((await send()).sid));
	await handset('+447700900146', 'HELP');
	same('HELP is told', 'HELP', told('/sms').pop().params.OptOutType);
	same(
		'a word in a sentence is none',
		'You said help me stop the leak',
		(await handset('+447700900146', 'help me stop the leak')).join('|'),
	);
}

module.exports = async function inbound() {
	await numbers();
	await text();
	await answers();
	await leaving();
};
